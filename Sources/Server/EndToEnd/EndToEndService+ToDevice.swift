import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import Rooms

/// Messages from device to device.
///
/// https://spec.matrix.org/v1.19/client-server-api/#send-to-device-messaging
extension EndToEndService {
    /// As many messages as one sync answers at the most.
    public static let maximumMessagesPerSync = 100

    // MARK: Receiving

    /// The earliest messages for a device in the range (`after` exclusive, `upTo` inclusive), in order. Reads the store
    /// only when there are any.
    public func toDeviceMessages(
        for device: DeviceNumber, after: StreamPosition, upTo: StreamPosition, limit: Int = maximumMessagesPerSync
    ) async throws -> [ToDeviceMessage] {
        guard let inbox = try await status(of: device).inbox, inbox.upperBound > after else { return [] }
        return try await database.read {
            try $0.toDeviceMessages(for: device, after: after, upTo: upTo, limit: limit)
        }
    }

    /// Deletes what a device has received: the messages up to the position in the token that it came back with. Writes
    /// only when there are any.
    public func acknowledge(upTo position: StreamPosition, for device: DeviceNumber) async throws {
        // A token from beyond the present (a restored backup) says nothing about the messages that are there now.
        guard position <= writes.publishedPosition, let inbox = try await status(of: device).inbox,
            inbox.lowerBound <= position
        else { return }
        try await writes.submit { [self] context in
            try context.store.deleteToDeviceMessages(for: device, upTo: position)
            forgetStatus(of: device, in: context)
        }
    }

    // MARK: Sending

    /// A content for some of a user's devices.
    public struct ToDeviceContent: Sendable {
        public let userID: UserID
        /// `*` stands for all of them.
        public let deviceID: String
        public let content: JSONObject

        public init(userID: UserID, deviceID: String, content: JSONObject) {
            self.userID = userID
            self.deviceID = deviceID
            self.content = content
        }
    }

    /// What waits for a device at the most.
    package static let inboxBounds = InboxBounds(maximumCount: 10_000, maximumBytes: 16 << 20)
    /// Messages of one request, as many as it is for devices.
    package static let maximumDeliveries = 10_000
    static let maximumContentBytes = 65_536

    /// Puts messages into the inboxes of the devices that exist; others are passed over in silence.
    ///
    /// A repeated transaction does nothing.
    public func sendToDevice(
        _ type: String, _ contents: [ToDeviceContent], transactionID: String, sender: RoomService.Sender
    ) async throws {
        guard (1...255).contains(type.utf8.count) else {
            throw MatrixError.invalidParameter("an event type has 1 to 255 bytes")
        }
        let key = RoomService.transactionKey(
            device: sender.device, path: ["sendToDevice", type, transactionID])
        var messages: [(target: ToDeviceContent, json: [UInt8])] = []
        for target in contents where target.userID.serverName == serverName {
            messages.append((target, try Self.event(type, content: target.content, sender: sender.userID)))
        }
        try await writes.submit { [self, messages] context in
            guard try context.store.transaction(key) == nil else { return }
            let position = try deliver(messages, in: context)
            try context.store.insertTransaction(key, event: position)
        }
    }

    private static func event(_ type: String, content: JSONObject, sender: UserID) throws(MatrixError) -> [UInt8] {
        let event: JSONObject = [
            "content": .object(content), "sender": .string(sender.string), "type": .string(type),
        ]
        let bytes = event.bytes()
        guard bytes.count <= maximumContentBytes else {
            throw .tooLarge("a message to a device has at most \(maximumContentBytes) bytes")
        }
        return bytes
    }

    private func deliver(
        _ messages: [(target: ToDeviceContent, json: [UInt8])], in context: WriteContext
    ) throws -> StreamPosition {
        var deliveries: [DeviceNumber: (userID: UserID, json: [UInt8])] = [:]
        for (target, json) in messages {
            let devices =
                target.deviceID == "*"
                ? try context.store.devices(of: target.userID)
                : try context.store.device(target.deviceID, of: target.userID).map { [$0] } ?? []
            for device in devices { deliveries[device.number] = (target.userID, json) }
            guard deliveries.count <= Self.maximumDeliveries else {
                throw MatrixError.tooLarge("one request sends to at most \(Self.maximumDeliveries) devices")
            }
        }
        guard !deliveries.isEmpty else { return context.position }
        let position = context.nextPosition()
        for (device, delivery) in deliveries {
            try context.store.insertToDeviceMessage(
                ToDeviceMessage(position: position, json: delivery.json), for: device, bounds: Self.inboxBounds)
            forgetStatus(of: device, in: context)
        }
        for userID in Set(deliveries.values.map(\.userID)) {
            context.publish(.toDevice(userID: userID, position: position))
        }
        return position
    }
}
