import CanonicalJSON
import Crypto
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

/// Publishing and claiming keys.
extension EndToEndService {
    /// One-time keys of one device; clients keep about fifty there.
    static let maximumOneTimeKeys = 1_000

    // MARK: Publishing

    /// Stores what a device publishes, and answers how many one-time keys of it are there, by algorithm.
    ///
    /// The same upload again changes nothing. A device never gets another identity, and a one-time key of a known name
    /// must be the known key.
    public func upload(_ upload: KeysUpload, of device: DeviceNumber, userID: UserID) async throws -> JSONObject {
        try await writes.submit { [self] context in
            try store(upload, of: device, userID: userID, in: context)
            return try DeviceStatus.oneTimeKeyCounts(of: device, from: context.store)
        }
    }

    /// In a command: see ``upload(_:of:userID:)``.
    func store(_ upload: KeysUpload, of device: DeviceNumber, userID: UserID, in context: WriteContext) throws {
        if let keys = upload.deviceKeys { try store(keys, of: device, userID: userID, in: context) }
        try store(oneTimeKeys: upload.oneTimeKeys, of: device, in: context)
        for key in upload.fallbackKeys { try context.store.setFallbackKey(key, of: device) }
        if !upload.oneTimeKeys.isEmpty || !upload.fallbackKeys.isEmpty { forgetStatus(of: device, in: context) }
    }

    private func store(
        _ keys: JSONObject, of device: DeviceNumber, userID: UserID, in context: WriteContext
    ) throws {
        let deviceID = try keys.string("device_id")
        if let present = try context.store.deviceKeys(of: device) {
            guard case .object(let known) = try JSONParser.parse(present), known != keys else { return }
            for algorithm in ["ed25519", "curve25519"] {
                let name = "\(algorithm):\(deviceID)"
                guard let before = known["keys"]?.objectValue?[name] else { continue }
                guard keys["keys"]?.objectValue?[name] == before else {
                    throw MatrixError.invalidParameter(
                        "this device has another \(algorithm) key; new keys need a new device")
                }
            }
            if !keys.isSame(as: known) { try context.store.deleteKeySignatures(of: userID, target: deviceID) }
        }
        guard try !context.store.crossSigningKeys(of: userID).contains(where: { utf8Equal($0.publicKey, deviceID) })
        else { throw MatrixError.forbidden("this device's ID is one of the user's cross-signing keys") }
        try context.store.setDeviceKeys(keys.bytes(), of: device)
        try noteDeviceListChange(of: userID, in: context)
    }

    private func store(oneTimeKeys: [PublishedKey], of device: DeviceNumber, in context: WriteContext) throws {
        guard !oneTimeKeys.isEmpty else { return }
        var new: [PublishedKey] = []
        for key in oneTimeKeys {
            if let present = try context.store.oneTimeKey(key.algorithm, key.keyID, of: device) {
                guard try key.isSame(as: present) else {
                    throw MatrixError.invalidParameter(
                        "there is another one-time key of the name '\(key.algorithm):\(key.keyID)'")
                }
            } else if try !context.store.wasClaimed(keyHash: Self.hash(of: key), of: device) {
                new.append(key)
            }
        }
        let count = try context.store.oneTimeKeyCounts(of: device).values.reduce(new.count, +)
        guard count <= Self.maximumOneTimeKeys else {
            throw MatrixError.tooLarge("a device has at most \(Self.maximumOneTimeKeys) one-time keys")
        }
        try context.store.insertOneTimeKeys(new, of: device)
    }

    // MARK: Claiming

    /// Which key somebody wants: of which device, and for which algorithm.
    public struct KeyClaim: Sendable {
        public let userID: UserID
        public let deviceID: String
        public let algorithm: String

        public init(userID: UserID, deviceID: String, algorithm: String) {
            self.userID = userID
            self.deviceID = deviceID
            self.algorithm = algorithm
        }
    }

    package static let maximumClaims = 10_000
    /// Notes of claimed keys, for each device: more than clients have at once.
    private static let maximumClaimedKeys = 200

    /// Takes a one-time key of each device, or shows its fallback key when there is none. A key is given out once, the
    /// first uploaded first.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysclaim
    ///
    /// - Returns: the body of the answer.
    public func claim(_ claims: [KeyClaim]) async throws -> JSONObject {
        guard claims.count <= Self.maximumClaims else {
            throw MatrixError.tooLarge("one request claims at most \(Self.maximumClaims) keys")
        }
        let local = claims.filter { $0.userID.serverName == serverName }
        let keys = local.isEmpty ? [:] : try await writes.submit { [self] in try claim(local, in: $0) }
        return ["failures": .object(failures(of: claims.map(\.userID))), "one_time_keys": .object(keys)]
    }

    private func claim(_ claims: [KeyClaim], in context: WriteContext) throws -> JSONObject {
        var keys = JSONObject()
        for claim in claims {
            guard let device = try context.store.device(claim.deviceID, of: claim.userID),
                let key = try take(claim.algorithm, of: device.number, in: context)
            else { continue }
            var devices = keys[claim.userID.string]?.objectValue ?? [:]
            devices[claim.deviceID] = .object(
                JSONObject(members: [("\(key.algorithm):\(key.keyID)", try JSONParser.parse(key.json))]))
            keys[claim.userID.string] = .object(devices)
            forgetStatus(of: device.number, in: context)
        }
        return keys
    }

    private func take(
        _ algorithm: String, of device: DeviceNumber, in context: WriteContext
    ) throws -> PublishedKey? {
        guard let key = try context.store.takeOneTimeKey(algorithm, of: device) else {
            return try context.store.useFallbackKey(algorithm, of: device)
        }
        try context.store.insertClaimed(
            keyHash: Self.hash(of: key), of: device, maximumCount: Self.maximumClaimedKeys)
        return key
    }

    private static func hash(of key: PublishedKey) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array("\(key.algorithm):\(key.keyID)\0".utf8))
        hash.update(data: key.json)
        return Array(hash.finalize().prefix(16))
    }

    /// The servers among the users' that cannot be asked: this one talks to no other yet.
    func failures(of users: [UserID]) -> JSONObject {
        var failures = JSONObject()
        for userID in users where userID.serverName != serverName {
            failures[userID.serverName.string] = .object(
                MatrixError(503, .unknown, "this server talks to no other").json)
        }
        return failures
    }
}
