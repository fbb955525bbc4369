import CanonicalJSON
import CrossSigning
import Primitives

/// What this device can do with the own identity.
public struct CrossSigningStatus: Sendable, Equatable {
    /// Whether the user has an identity.
    public let hasIdentity: Bool
    /// Whether this device knows that the identity is the user's.
    public let isVerified: Bool
    /// Whether the identity has signed this device, so that others believe it.
    public let isDeviceSigned: Bool
    /// The private keys that are here.
    public let hasMasterKey: Bool
    public let hasSelfSigningKey: Bool
    public let hasUserSigningKey: Bool
    /// New keys wait for the server to take them, which may ask for the password.
    public let isPending: Bool

    /// Whether nothing is missing on this device.
    public var isComplete: Bool {
        isVerified && isDeviceSigned && hasMasterKey && hasSelfSigningKey && hasUserSigningKey
    }
}

/// https://spec.matrix.org/v1.19/client-server-api/#cross-signing
extension EncryptionMachine {
    public var crossSigningStatus: CrossSigningStatus {
        let own = identityRecord(of: userID)
        let secrets = usableSecrets
        return CrossSigningStatus(
            hasIdentity: own != nil, isVerified: own.map { state(of: $0, user: userID) == .verified } ?? false,
            isDeviceSigned: isSigned(deviceID), hasMasterKey: secrets.master != nil,
            hasSelfSigningKey: secrets.selfSigning != nil, hasUserSigningKey: secrets.userSigning != nil,
            isPending: store.value(in: .secrets, key: CrossSigningRecord.pendingKey) != nil)
    }

    /// Makes the user's identity: three keys, which sign this device.
    ///
    /// A request of kind ``OutgoingRequest/Kind/uploadSigningKeys`` goes out. When the server answers it with 401 and
    /// stages, the host sends it again with `auth` added to its body, and tells the machine the last answer.
    ///
    /// - Parameter replacing: whether an identity that is there is given up: everybody who verified it is warned.
    /// - Throws: ``MachineError/Code/notReady`` until the server has told the own devices and identity,
    ///   ``MachineError/Code/untrusted`` when there is an identity and `replacing` is false.
    public func makeIdentity(replacing: Bool = false) throws(MachineError) {
        guard isUpToDate(userID) else { throw MachineError(.notReady, "the own devices are not known yet") }
        guard replacing || identityRecord(of: userID) == nil else {
            throw MachineError(.untrusted, "the user has an identity already")
        }
        for number in work.numbers(of: .uploadSigningKeys) { removeRequest(number) }
        let secrets = CrossSigningSecrets(random: random)
        guard let identity = secrets.identity(userID: userID, signedByDevice: { signedByDevice($0) }) else {
            throw MachineError(.malformed, "the keys could not be made")
        }
        store.write(CrossSigningRecord(secrets), CrossSigningRecord.pendingKey)
        enqueue(
            RequestRecord(
                kind: .uploadSigningKeys, method: .post, path: "/_matrix/client/v3/keys/device_signing/upload",
                body: identity.uploadBody.bytes(), context: trustContext(.signingKeys).bytes))
    }

    /// The person would not give the password: the new keys are forgotten.
    public func abandonNewIdentity() {
        for number in work.numbers(of: .uploadSigningKeys) { removeRequest(number) }
        removePendingSecrets()
    }

    func removePendingSecrets() { store.remove(CrossSigningRecord.self, CrossSigningRecord.pendingKey) }

    /// The server has taken the new identity.
    func signingKeysWereUploaded() -> [MachineNews] {
        guard let record = store.find(CrossSigningRecord.self, CrossSigningRecord.pendingKey),
            let identity = record.secrets.identity(userID: userID, signedByDevice: { signedByDevice($0) })
        else { return [] }
        removePendingSecrets()
        crossSigningSecrets = record.secrets
        var own =
            identityRecord(of: userID)
            ?? IdentityRecord(masterKey: identity.master.key.base64, masterJSON: identity.master.json.bytes())
        own.masterKey = identity.master.key.base64
        own.masterJSON = identity.master.json.bytes()
        own.selfSigningKey = identity.selfSigning.key.base64
        own.selfSigningJSON = identity.selfSigning.json.bytes()
        own.userSigningKey = identity.userSigning?.key.base64
        own.userSigningJSON = identity.userSigning?.json.bytes() ?? []
        own.pinnedMasterKey = own.masterKey
        own.verifiedMasterKey = own.masterKey
        own.verifier = nil
        write(own, of: userID)
        sign(ownDevice: deviceID)
        return [.crossSigningChanged]
    }

    // MARK: Keys

    var crossSigningSecrets: CrossSigningSecrets {
        get { store.find(CrossSigningRecord.self, CrossSigningRecord.key)?.secrets ?? CrossSigningSecrets() }
        set {
            if newValue.isEmpty {
                store.remove(CrossSigningRecord.self, CrossSigningRecord.key)
            } else {
                store.write(CrossSigningRecord(newValue), CrossSigningRecord.key)
            }
        }
    }

    /// The identity as far as its keys hold together.
    func crossSigningIdentity(of user: String) -> CrossSigningIdentity? {
        guard let record = identityRecord(of: user), let master = JSONObject.parse(record.masterJSON),
            let selfSigning = JSONObject.parse(record.selfSigningJSON)
        else { return nil }
        let userSigning = record.userSigningJSON.isEmpty ? nil : JSONObject.parse(record.userSigningJSON)
        do {
            return try CrossSigningIdentity(
                userID: user, masterKey: master, selfSigningKey: selfSigning, userSigningKey: userSigning)
        } catch {
            return nil
        }
    }

    /// The private keys here that are those of the identity that the server shows.
    var usableSecrets: CrossSigningSecrets {
        guard let identity = crossSigningIdentity(of: userID) else { return CrossSigningSecrets() }
        var secrets = crossSigningSecrets
        secrets.keepOnly(those: identity)
        return secrets
    }

    /// Forgets private keys that are not those of the own identity any more. Only when the new one is verified: else a
    /// server could make them be forgotten by showing another.
    func reviewOwnSecrets(after users: [String]) -> [MachineNews] {
        guard contains(users, userID), let own = identityRecord(of: userID), state(of: own, user: userID) == .verified,
            let identity = crossSigningIdentity(of: userID)
        else { return [] }
        let before = crossSigningSecrets
        var kept = before
        kept.keepOnly(those: identity)
        for (usage, _) in CrossSigningSecrets.names
        where (before.pair(for: usage) == nil) != (kept.pair(for: usage) == nil) {
            crossSigningSecrets = kept
            return [.crossSigningChanged]
        }
        return []
    }

    /// The own identity is verified now: what it has signed on the user's other devices counts here too.
    func reviewVerifications() {
        guard let own = identityRecord(of: userID), state(of: own, user: userID) == .verified,
            let identity = crossSigningIdentity(of: userID)
        else { return }
        for (key, record) in store.findAll(IdentityRecord.self) {
            guard let user = recordKeyParts(key).first, !utf8Equal(user, userID),
                // What this device has verified by itself stays so.
                record.verifier != nil || record.verifiedMasterKey == nil,
                let other = crossSigningIdentity(of: user), identity.hasVerified(other)
            else { continue }
            do throws(MachineError) {
                try markVerified(user, masterKey: record.masterKey, verifier: own.userSigningKey)
            } catch {
                // It is the key of the record that was read a moment ago.
            }
        }
    }

    // MARK: Signing

    private func isSigned(_ device: String) -> Bool {
        guard let record = deviceRecord(device, of: userID), let signer = record.signer,
            let key = identityRecord(of: userID)?.selfSigningKey
        else { return false }
        return utf8Equal(signer, key)
    }

    /// Signs one of the own devices with the self-signing key.
    ///
    /// - Returns: false when the key is not here, or is not that of the own identity.
    @discardableResult
    func sign(ownDevice device: String) -> Bool {
        guard let identity = crossSigningIdentity(of: userID), let pair = crossSigningSecrets.selfSigning,
            pair.publicKey == identity.selfSigning.key
        else { return false }
        var record = deviceRecord(device, of: userID)
        let keys: JSONObject
        if utf8Equal(device, deviceID) {
            keys = ownDeviceKeys
        } else {
            guard let json = record.flatMap({ JSONObject.parse($0.json) }) else { return false }
            keys = json
        }
        guard let signed = crossSigningSecrets.signed(deviceKeys: keys, userID: userID) else { return false }
        if record == nil { record = DeviceRecord(json: signed, userID: userID, deviceID: device) }
        if var changed = record {
            changed.json = signed.bytes()
            changed.signer = identity.selfSigning.key.base64
            store.write(changed, DeviceRecord.key(userID, device))
            changeCount &+= 1
        }
        uploadSignature(on: signed, of: userID, named: device)
        return true
    }

    /// This device says that the own identity is the user's, for those who have verified the device.
    func signOwnMasterKey() {
        guard var record = identityRecord(of: userID), let json = JSONObject.parse(record.masterJSON) else { return }
        let signed = signedByDevice(json)
        record.masterJSON = signed.bytes()
        write(record, of: userID)
        uploadSignature(on: signed, of: userID, named: record.masterKey)
    }

    /// Signs another user's master key with the user-signing key.
    ///
    /// - Returns: false when the key is not here, or the own identity is not verified.
    func sign(user: String) -> Bool {
        guard let own = identityRecord(of: userID), state(of: own, user: userID) == .verified,
            let ownIdentity = crossSigningIdentity(of: userID), let pair = crossSigningSecrets.userSigning,
            pair.publicKey == ownIdentity.userSigning?.key, let other = crossSigningIdentity(of: user),
            let signed = crossSigningSecrets.signed(masterKeyOf: other, userID: userID)
        else { return false }
        do throws(MachineError) {
            try markVerified(user, masterKey: other.master.key.base64, verifier: pair.publicKey.base64)
        } catch {
            return false
        }
        uploadSignature(on: signed.json, of: user, named: other.master.key.base64)
        return true
    }

    private func uploadSignature(on object: JSONObject, of user: String, named name: String) {
        let body = JSONObject(members: [
            (user, .object(JSONObject(members: [(name, .object(object))])))
        ])
        enqueue(
            RequestRecord(
                kind: .uploadSignatures, method: .post, path: "/_matrix/client/v3/keys/signatures/upload",
                body: body.bytes(), context: trustContext(.signatures).bytes))
    }
}
