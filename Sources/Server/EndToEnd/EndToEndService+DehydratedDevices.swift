import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

/// Dehydrated devices: one for each user receives keys while none of his others is there, and is emptied by the next
/// that signs in.
///
/// https://github.com/matrix-org/matrix-spec-proposals/pull/3814
extension EndToEndService {
    /// A device to be kept, with its keys.
    public struct Dehydration: Sendable {
        let deviceID: String
        let displayName: String?
        let data: JSONObject
        let keys: KeysUpload

        private static let maximumDataBytes = 65_536

        public init(json: JSONObject, userID: UserID) throws(MatrixError) {
            deviceID = try json.string("device_id")
            guard (1...255).contains(deviceID.utf8.count), !deviceID.utf8.contains(0) else {
                throw .invalidParameter("'device_id' must have 1 to 255 bytes, and no NUL")
            }
            displayName = try json.optionalString("initial_device_display_name")
            if let displayName, displayName.utf8.count > 255 || displayName.utf8.contains(0) {
                throw .invalidParameter("a device's name has at most 255 bytes, and no NUL")
            }
            data = try json.object("device_data")
            _ = try data.string("algorithm")
            guard data.bytes().count <= Self.maximumDataBytes else {
                throw .tooLarge("'device_data' has at most \(Self.maximumDataBytes) bytes")
            }
            _ = try json.object("device_keys")
            keys = try KeysUpload(json: json, userID: userID, deviceID: deviceID)
        }
    }

    /// Puts the device in the place of the one that is there.
    public func dehydrate(_ dehydration: Dehydration, of userID: UserID) async throws {
        try await writes.submit { [self] context in
            if let old = try context.store.dehydratedDevice(of: userID) { try delete(old.device, in: context) }
            guard try context.store.device(dehydration.deviceID, of: userID) == nil else {
                throw MatrixError.forbidden("there is a device with this ID, and it is signed in")
            }
            let device = try context.store.upsertDevice(
                dehydration.deviceID, of: userID, displayName: dehydration.displayName)
            try context.store.setDehydratedDevice(device, of: userID, data: dehydration.data.bytes())
            try store(dehydration.keys, of: device, userID: userID, in: context)
            forgetStatus(of: device, in: context)
        }
    }

    public func dehydratedDevice(of userID: UserID) async throws -> DehydratedDeviceRecord {
        guard let device = try await database.read({ try $0.dehydratedDevice(of: userID) }) else {
            throw Self.noDehydratedDevice
        }
        return device
    }

    private static let noDehydratedDevice = MatrixError.notFound("there is no dehydrated device")

    /// Answers the ID of the device that is gone.
    public func deleteDehydratedDevice(of userID: UserID) async throws -> String {
        try await writes.submit { [self] context in
            guard let device = try context.store.dehydratedDevice(of: userID) else { throw Self.noDehydratedDevice }
            try delete(device.device, in: context)
            return device.deviceID
        }
    }

    private func delete(_ device: DeviceNumber, in context: WriteContext) throws {
        try deviceWillBeDeleted(device, in: context)
        try context.store.deleteDevice(device)
    }

    /// The messages that wait for the dehydrated device, after a position. They stay: whoever empties the device may not
    /// come to the end of it.
    public func dehydratedMessages(
        of userID: UserID, deviceID: String, after: StreamPosition, limit: Int
    ) async throws -> [ToDeviceMessage] {
        let end = writes.publishedPosition
        return try await database.read { store in
            guard let device = try store.dehydratedDevice(of: userID), utf8Equal(device.deviceID, deviceID) else {
                throw MatrixError.forbidden("this is not the dehydrated device")
            }
            return try store.toDeviceMessages(for: device.device, after: after, upTo: end, limit: limit)
        }
    }
}
