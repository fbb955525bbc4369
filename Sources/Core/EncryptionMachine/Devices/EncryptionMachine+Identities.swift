import CanonicalJSON
import CrossSigning
import Primitives

extension EncryptionMachine {
    /// Nil when the user has no cross-signing keys that are valid.
    public func identity(of user: String) -> UserIdentity? {
        guard let record = identityRecord(of: user) else { return nil }
        return UserIdentity(
            userID: user, masterKey: record.masterKey, selfSigningKey: record.selfSigningKey,
            state: state(of: record, user: user))
    }

    /// The person has looked at a user's changed identity and goes on with it: the new one counts as first seen, and
    /// not as verified.
    ///
    /// - Throws: ``MachineError/Code/unknown``.
    public func acceptIdentity(of user: String) throws(MachineError) {
        guard var record = identityRecord(of: user) else {
            throw MachineError(.unknown, "the user has no identity")
        }
        record.pinnedMasterKey = record.masterKey
        if let verified = record.verifiedMasterKey, !utf8Equal(verified, record.masterKey) {
            record.verifiedMasterKey = nil
            record.verifier = nil
        }
        write(record, of: user)
    }

    /// The identity that this master key stands for is verified: by this device itself, or, when `verifier` is given,
    /// by the own user-signing key of that name.
    func markVerified(_ user: String, masterKey: String, verifier: String? = nil) throws(MachineError) {
        guard var record = identityRecord(of: user), utf8Equal(record.masterKey, masterKey) else {
            throw MachineError(.untrusted, "the identity is not the one that was verified")
        }
        record.pinnedMasterKey = masterKey
        record.verifiedMasterKey = masterKey
        record.verifier = verifier
        write(record, of: user)
    }

    /// A record that cannot be read becomes one that blocks: losing a pin must not look like a first sight.
    func identityRecord(of user: String) -> IdentityRecord? {
        do {
            return try store.read(IdentityRecord.self, IdentityRecord.key(user))
        } catch {
            var record = IdentityRecord(masterKey: "", masterJSON: [])
            record.pinnedMasterKey = "?"
            return record
        }
    }

    func write(_ record: IdentityRecord, of user: String) {
        store.write(record, IdentityRecord.key(user))
        changeCount &+= 1
    }

    func state(of record: IdentityRecord, user: String) -> UserIdentity.State {
        if let verified = record.verifiedMasterKey, standsFor(record, user: user) {
            return utf8Equal(verified, record.masterKey) ? .verified : .changedAfterVerification
        }
        return utf8Equal(record.pinnedMasterKey, record.masterKey) ? .unverified : .changed
    }

    /// Whether who verified an identity is still believed: this device is; the own user-signing key only while it is
    /// the own verified identity's.
    private func standsFor(_ record: IdentityRecord, user: String) -> Bool {
        guard let verifier = record.verifier else { return true }
        guard !utf8Equal(user, userID), let own = identityRecord(of: userID), let key = own.userSigningKey else {
            return false
        }
        return utf8Equal(key, verifier) && state(of: own, user: userID) == .verified
    }

    func isBlocked(_ user: String) -> Bool {
        guard let record = identityRecord(of: user) else { return false }
        switch state(of: record, user: user) {
        case .changed, .changedAfterVerification: return true
        case .unverified, .verified: return false
        }
    }

    /// The self-signing key of the owner's identity, when it has signed the device.
    func validSigner(of device: DeviceRecord) -> String? {
        guard let identity = identityRecord(of: device.userID), let name = identity.selfSigningKey,
            let key = Ed25519Key(base64: name), let json = JSONObject.parse(device.json),
            SignedJSON.isSigned(json, userID: device.userID, keyID: "ed25519:" + name, by: key)
        else { return nil }
        return name
    }

    func trust(of device: DeviceRecord) -> DeviceTrust {
        if utf8Equal(device.userID, userID), utf8Equal(device.deviceID, deviceID) { return .verified }
        switch device.localTrust {
        case .blacklisted: return .blacklisted
        case .verified: return .verified
        case .unset: break
        }
        guard let identity = identityRecord(of: device.userID), let key = identity.selfSigningKey,
            let signer = device.signer, utf8Equal(signer, key)
        else { return .unsigned }
        switch state(of: identity, user: device.userID) {
        case .verified: return .verified
        case .unverified: return .crossSigned
        case .changed, .changedAfterVerification: return .identityChanged
        }
    }

    /// Takes in a user's cross-signing keys. An answer without them, or with keys that are not valid, changes nothing:
    /// a server cannot make an identity be forgotten.
    func receiveIdentity(of user: String, from answer: JSONObject) throws(MachineError) -> [MachineNews] {
        func find(_ list: String, _ usage: CrossSigningKey.Usage) -> CrossSigningKey? {
            guard let json = answer.object(list)?.object(user) else { return nil }
            return crossSigningKey(json, usage, of: user)
        }
        guard let master = find("master_keys", .master) else { return [] }
        let previous = identityRecord(of: user)
        var record = previous ?? IdentityRecord(masterKey: master.key.base64, masterJSON: [])
        let isOther = !utf8Equal(record.masterKey, master.key.base64)
        if isOther {
            record.selfSigningKey = nil
            record.selfSigningJSON = []
            record.userSigningKey = nil
            record.userSigningJSON = []
        }
        record.masterKey = master.key.base64
        record.masterJSON = master.json.bytes()
        if let key = find("self_signing_keys", .selfSigning), key.isSigned(by: master) {
            record.selfSigningKey = key.key.base64
            record.selfSigningJSON = key.json.bytes()
        }
        if utf8Equal(user, userID), let key = find("user_signing_keys", .userSigning), key.isSigned(by: master) {
            record.userSigningKey = key.key.base64
            record.userSigningJSON = key.json.bytes()
        }
        noteVerification(of: master, user: user, in: &record)
        let state = state(of: record, user: user)
        write(record, of: user)
        guard isOther, previous != nil, state == .changed || state == .changedAfterVerification else { return [] }
        return [.identityChanged(user: user, wasVerified: state == .changedAfterVerification)]
    }

    private static var maximumKeyBytes: Int { 32_768 }

    private func crossSigningKey(_ json: JSONObject, _ usage: CrossSigningKey.Usage, of user: String)
        -> CrossSigningKey?
    {
        var json = json
        json["unsigned"] = nil
        guard json.bytes().count <= Self.maximumKeyBytes else { return nil }
        do { return try CrossSigningKey(json, userID: user, usage: usage) } catch { return nil }
    }

    /// A signature of this device on the own master key, or of the own verified user-signing key on another's, is a
    /// verification that was made earlier, perhaps on another device.
    private func noteVerification(of master: CrossSigningKey, user: String, in record: inout IdentityRecord) {
        if utf8Equal(user, userID) {
            guard let key = Ed25519Key(base64: ed25519Key),
                SignedJSON.isSigned(master.json, userID: userID, keyID: "ed25519:" + deviceID, by: key)
            else { return }
            record.verifier = nil
        } else {
            guard let own = identityRecord(of: userID), state(of: own, user: userID) == .verified,
                let name = own.userSigningKey, let key = Ed25519Key(base64: name),
                SignedJSON.isSigned(master.json, userID: userID, keyID: "ed25519:" + name, by: key)
            else { return }
            // What this device has verified by itself stays so.
            if record.verifier != nil || record.verifiedMasterKey == nil { record.verifier = name }
        }
        record.verifiedMasterKey = master.key.base64
        record.pinnedMasterKey = master.key.base64
    }
}
