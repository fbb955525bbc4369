import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

extension EndToEndService {
    /// Whose keys somebody wants.
    public struct KeysQuery: Sendable {
        public let userID: UserID
        /// Empty: all devices.
        public let deviceIDs: Set<ByteExactString>

        public init(userID: UserID, deviceIDs: [String]) {
            self.userID = userID
            self.deviceIDs = Set(deviceIDs.map(ByteExactString.init))
        }
    }

    package static let maximumQueries = 10_000

    /// The identity keys of users' devices and their cross-signing keys, as far as `viewer` may see them. Anybody may
    /// ask for anybody's: who invites somebody has to encrypt for him before he is in the room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysquery
    ///
    /// - Returns: the body of the answer.
    public func query(_ queries: [KeysQuery], viewer: UserID) async throws -> JSONObject {
        guard queries.count <= Self.maximumQueries else {
            throw MatrixError.tooLarge("one request asks for at most \(Self.maximumQueries) users")
        }
        let local = queries.filter { $0.userID.serverName == serverName }
        let found = try await database.read { store in
            try local.map { try PublishedKeys(of: $0, viewer: viewer, from: store) }
        }
        var (devices, masters, selfSigning, userSigning) = (JSONObject(), JSONObject(), JSONObject(), JSONObject())
        for keys in found {
            let name = keys.userID.string
            if keys.exists { devices[name] = .object(keys.devices) }
            masters[name] = keys.crossSigning[.master].map { .object($0) }
            selfSigning[name] = keys.crossSigning[.selfSigning].map { .object($0) }
            // Nobody but the user himself learns whom he has verified.
            if keys.userID == viewer { userSigning[name] = keys.crossSigning[.userSigning].map { .object($0) } }
        }
        return [
            "device_keys": .object(devices), "failures": .object(failures(of: queries.map(\.userID))),
            "master_keys": .object(masters), "self_signing_keys": .object(selfSigning),
            "user_signing_keys": .object(userSigning),
        ]
    }
}

/// One user's keys as somebody sees them.
private struct PublishedKeys: Sendable {
    let userID: UserID
    let exists: Bool
    private(set) var devices = JSONObject()
    private(set) var crossSigning: [CrossSigningKeyRecord.Usage: JSONObject] = [:]

    init(of query: EndToEndService.KeysQuery, viewer: UserID, from store: any StoreReader) throws {
        userID = query.userID
        exists = try store.account(userID) != nil
        guard exists else { return }
        let signatures = Dictionary(
            grouping: try store.keySignatures(of: userID, seenBy: viewer), by: { ByteExactString($0.target) })
        for device in try store.deviceKeys(of: userID)
        where query.deviceIDs.isEmpty || query.deviceIDs.contains(ByteExactString(device.deviceID)) {
            guard case .object(var keys) = try JSONParser.parse(device.json) else { continue }
            keys.show(signatures[ByteExactString(device.deviceID)] ?? [], of: userID, to: viewer)
            keys["unsigned"] = device.displayName.map { ["device_display_name": .string($0)] }
            devices[device.deviceID] = .object(keys)
        }
        for record in try store.crossSigningKeys(of: userID) {
            guard case .object(var key) = try JSONParser.parse(record.json) else { continue }
            key.show(signatures[ByteExactString(record.publicKey)] ?? [], of: userID, to: viewer)
            crossSigning[record.usage] = key
        }
    }
}

extension JSONObject {
    /// Adds the signatures that were uploaded apart from the key, and takes away those that the viewer may not see.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#key-and-signature-security
    fileprivate mutating func show(_ added: [KeySignatureRecord], of userID: UserID, to viewer: UserID) {
        guard self["signatures"] != nil || !added.isEmpty else { return }
        var signatures = (self["signatures"]?.objectValue ?? [:])
            .keeping(only: [userID.string, viewer.string])
        for signature in added {
            var ofSigner = signatures[signature.signer.string]?.objectValue ?? [:]
            ofSigner[signature.keyID] = .string(signature.signature)
            signatures[signature.signer.string] = .object(ofSigner)
        }
        self["signatures"] = .object(signatures)
    }
}
