import CanonicalJSON
import CrossSigning
import Olm
import Primitives
import UnpaddedBase64

/// The account as it is in memory: the record and what its pickle says.
struct LoadedAccount {
    var record: AccountRecord
    var keys: Olm.Account
}

extension EncryptionMachine {
    private static var fallbackKeyMilliseconds: Int64 { 7 * 86_400_000 }
    private static var previousFallbackKeyMilliseconds: Int64 { 3_600_000 }

    /// Unpadded base64.
    public var curve25519Key: String { identityKeys.curve25519Key }
    /// Unpadded base64: the "fingerprint".
    public var ed25519Key: String { identityKeys.ed25519Key }

    /// This device's `device_keys` as they are uploaded: signed by itself, and by the own identity once it has.
    public var ownDeviceKeys: JSONObject {
        if let own = deviceRecord(deviceID, of: userID), own.signer != nil, let json = JSONObject.parse(own.json) {
            return json
        }
        let keys: JSONObject = [
            "algorithms": [.string(Algorithm.olm), .string(Algorithm.megolm)], "device_id": .string(deviceID),
            "keys": .object(
                JSONObject(members: [
                    ("curve25519:" + deviceID, .string(curve25519Key)), ("ed25519:" + deviceID, .string(ed25519Key)),
                ])), "user_id": .string(userID),
        ]
        return signedByDevice(keys)
    }

    /// The object with this device's signature.
    package func signedByDevice(_ object: JSONObject) -> JSONObject {
        guard let bytes = SignedJSON.signedBytes(object), let account = loadedAccount() else { return object }
        var object = object
        var signatures = object.object("signatures") ?? JSONObject()
        var own = signatures.object(userID) ?? JSONObject()
        own["ed25519:" + deviceID] = .string(UnpaddedBase64.encode(account.keys.sign(bytes)))
        signatures[userID] = .object(own)
        object["signatures"] = .object(signatures)
        return object
    }

    /// Makes the account, or checks that the one in the records is this device's.
    func openAccount() throws(MachineError) {
        if let record = try store.read(AccountRecord.self, AccountRecord.key) {
            guard utf8Equal(record.userID, userID), utf8Equal(record.deviceID, deviceID) else {
                throw MachineError(.otherAccount, "the records belong to another device")
            }
            guard let account = loadedAccount() else {
                throw MachineError(.damagedRecord, "the account cannot be read")
            }
            identityKeys = IdentityKeys(account.keys)
            return
        }
        guard isIdentifier(userID), isIdentifier(deviceID) else {
            throw MachineError(.malformed, "the user or the device has no usable ID")
        }
        let keys = Olm.Account(random: random)
        identityKeys = IdentityKeys(keys)
        save(LoadedAccount(record: AccountRecord(userID: userID, deviceID: deviceID, pickle: []), keys: keys))
        track([userID])
    }

    func loadedAccount() -> LoadedAccount? {
        if let account { return account }
        guard let record = store.find(AccountRecord.self, AccountRecord.key) else { return nil }
        do { account = LoadedAccount(record: record, keys: try Olm.Account(pickle: record.pickle)) } catch {
            return nil
        }
        return account
    }

    func save(_ changed: LoadedAccount) {
        var changed = changed
        changed.record.pickle = changed.keys.pickle()
        store.write(changed.record, AccountRecord.key)
        account = changed
    }

    /// Notes what a sync says of the keys on the server.
    func receiveKeyCounts(_ counts: JSONObject?, unusedFallbackKeyTypes: [String]?) {
        guard var account = loadedAccount() else { return }
        let before = account.record.bytes
        if let counts {
            let count = counts["signed_curve25519"]?.integerValue ?? 0
            account.record.oneTimeKeysOnServer = UInt32(max(0, min(count, 1_000_000)))
        }
        var hasChanged = false
        if let unusedFallbackKeyTypes, account.record.fallbackKeyMadeAt != 0, !work.has(.uploadKeys),
            account.keys.unpublishedFallbackKey == nil, !contains(unusedFallbackKeyTypes, "signed_curve25519")
        {
            renewFallbackKey(&account)
            hasChanged = true
        }
        let age = now() &- account.record.fallbackKeyMadeAt
        if account.keys.hasPreviousFallbackKey, age > Self.previousFallbackKeyMilliseconds {
            account.keys.forgetPreviousFallbackKey()
            hasChanged = true
        }
        if hasChanged || account.record.bytes != before { save(account) }
    }

    private func renewFallbackKey(_ account: inout LoadedAccount) {
        account.keys.makeFallbackKey(random: random)
        account.record.fallbackKeyMadeAt = max(1, now())
    }

    /// One upload at a time: device keys once, one-time keys up to 50, the fallback key when it is new, used or old.
    func makeKeysUpload() {
        guard !work.has(.uploadKeys), var account = loadedAccount(), account.record.uploadAgainAt <= now() else {
            return
        }
        let age = now() &- account.record.fallbackKeyMadeAt
        if account.record.fallbackKeyMadeAt == 0 || age > Self.fallbackKeyMilliseconds { renewFallbackKey(&account) }
        let known = account.record.deviceKeysAreUploaded ? account.record.oneTimeKeysOnServer : 0
        let waiting = account.keys.unpublishedOneTimeKeys.count
        if let known, Int(known) + waiting < Olm.Account.oneTimeKeysOnServer {
            account.keys.makeOneTimeKeys(Olm.Account.oneTimeKeysOnServer - Int(known) - waiting, random: random)
        }
        var body = JSONObject()
        if !account.record.deviceKeysAreUploaded { body["device_keys"] = .object(ownDeviceKeys) }
        var oneTimeKeys = JSONObject()
        for key in account.keys.unpublishedOneTimeKeys {
            oneTimeKeys["signed_curve25519:" + key.keyID] = .object(
                signedByDevice(["key": .string(key.publicKey.base64)]))
        }
        if !oneTimeKeys.isEmpty { body["one_time_keys"] = .object(oneTimeKeys) }
        if let key = account.keys.unpublishedFallbackKey {
            let signed = signedByDevice(["key": .string(key.publicKey.base64), "fallback": true])
            body["fallback_keys"] = .object(JSONObject(members: [("signed_curve25519:" + key.keyID, .object(signed))]))
        }
        guard !body.isEmpty else { return }
        save(account)
        enqueue(
            RequestRecord(
                kind: .uploadKeys, method: .post, path: "/_matrix/client/v3/keys/upload", body: body.bytes()))
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysupload
    func receiveKeysUpload(_ answer: JSONObject, to request: RequestRecord) throws(MachineError) -> [MachineNews] {
        guard let counts = answer.object("one_time_key_counts") else {
            throw MachineError(.malformed, "the answer has no 'one_time_key_counts'")
        }
        noteUploadedKeys(refused: false)
        receiveKeyCounts(counts, unusedFallbackKeyTypes: nil)
        return []
    }

    /// Keys that the server will not have are not offered again: others are made, a minute later.
    func keysUploadWasRefused(_ request: RequestRecord) { noteUploadedKeys(refused: true) }

    /// New keys are made only when no upload is under way, so all there are were in it.
    private func noteUploadedKeys(refused: Bool) {
        guard var account = loadedAccount() else { return }
        account.keys.markAllAsPublished()
        account.record.oneTimeKeysOnServer = nil
        if refused {
            account.record.uploadAgainAt = now() &+ 60_000
        } else {
            account.record.deviceKeysAreUploaded = true
        }
        save(account)
    }
}

/// The public halves of the account's keys, which never change.
struct IdentityKeys {
    let curve25519Key: String
    let ed25519Key: String

    init(_ account: Olm.Account) {
        curve25519Key = account.identityKey.base64
        ed25519Key = account.signingKey.base64
    }

    init() {
        curve25519Key = ""
        ed25519Key = ""
    }
}
