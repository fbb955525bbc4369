import CanonicalJSON
import CrossSigning
import KeyBackup
import Primitives

/// Secrets that the user's verified devices give each other.
///
/// https://spec.matrix.org/v1.19/client-server-api/#sharing
extension EncryptionMachine {
    private static var maximumAnswered: Int { 100 }

    /// The names of the secrets that this device knows what to do with.
    private static var secretNames: [String] {
        CrossSigningSecrets.names.map { $0.name } + [BackupDecryptionKey.secretName]
    }

    /// Asks the own verified devices for the secrets that this one lacks: the cross-signing keys and the backup's.
    /// After a verification the machine does so itself.
    public func requestMissingSecrets() {
        guard let own = identityRecord(of: userID), state(of: own, user: userID) == .verified else { return }
        let devices = otherOwnDevices.filter { trust(of: $0) == .verified }
        guard !devices.isEmpty else { return }
        for name in Self.secretNames where secret(name) == nil {
            let requestID = transactionID()
            store.write(SecretRequestRecord(requestID: requestID), SecretRequestRecord.key(name))
            let content: JSONObject = [
                "action": "request", "name": .string(name), "request_id": .string(requestID),
                "requesting_device_id": .string(deviceID),
            ]
            enqueueToDevice("m.secret.request", devices.map { ($0, content) })
        }
    }

    /// A secret of this device as it is stored and shared.
    func secret(_ name: String) -> String? {
        if utf8Equal(name, BackupDecryptionKey.secretName) { return backupRecord.usableKey?.base64 }
        for (usage, known) in CrossSigningSecrets.names where utf8Equal(known, name) {
            return usableSecrets.secret(for: usage)
        }
        return nil
    }

    /// Answers one of the user's own verified devices; nobody else is told whether the secret is here.
    func receiveSecretRequest(_ content: JSONObject, from sender: String) throws(MachineError) {
        guard utf8Equal(sender, userID), let action = content.string("action"), utf8Equal(action, "request"),
            let name = content.string("name"), let requestID = content.string("request_id"), isIdentifier(requestID),
            let device = content.string("requesting_device_id"), !utf8Equal(device, deviceID),
            let record = deviceRecord(device, of: userID), !record.isDeleted, trust(of: record) == .verified,
            let secret = secret(name)
        else { return }
        let key = recordKey(device, requestID)
        guard !verificationWork.answeredSecrets.contains(key) else { return }
        if verificationWork.answeredSecrets.count >= Self.maximumAnswered {
            verificationWork.answeredSecrets.removeFirst()
        }
        verificationWork.answeredSecrets.append(key)
        try sendEncrypted(
            "m.secret.send", ["request_id": .string(requestID), "secret": .string(secret)], to: record)
    }

    /// A secret has come, through Olm. It counts only when it was asked for, and comes from a verified device of the
    /// own user.
    func receiveSecret(_ content: JSONObject, from device: DeviceRecord) throws(MachineError) -> [MachineNews] {
        guard utf8Equal(device.userID, userID), !device.isDeleted, trust(of: device) == .verified,
            let requestID = content.string("request_id"), let secret = content.string("secret")
        else { return [] }
        for name in Self.secretNames {
            guard let asked = store.find(SecretRequestRecord.self, SecretRequestRecord.key(name)),
                utf8Equal(asked.requestID, requestID), take(secret, named: name)
            else { continue }
            store.remove(SecretRequestRecord.self, SecretRequestRecord.key(name))
            cancelSecretRequest(requestID, except: device.deviceID)
            if utf8Equal(name, BackupDecryptionKey.secretName) { return [.backupChanged] }
            sign(ownDevice: deviceID)
            return [.crossSigningChanged]
        }
        return []
    }

    private func cancelSecretRequest(_ requestID: String, except device: String) {
        let others = otherOwnDevices.filter { trust(of: $0) == .verified && !utf8Equal($0.deviceID, device) }
        let content: JSONObject = [
            "action": "request_cancellation", "request_id": .string(requestID),
            "requesting_device_id": .string(deviceID),
        ]
        enqueueToDevice("m.secret.request", others.map { ($0, content) })
    }

    /// Keeps a secret if it is the private half of what is known.
    ///
    /// - Returns: whether it is.
    func take(_ secret: String, named name: String) -> Bool {
        if utf8Equal(name, BackupDecryptionKey.secretName) {
            guard let key = BackupDecryptionKey(base64: secret) else { return false }
            return take(backupKey: key)
        }
        guard let identity = crossSigningIdentity(of: userID) else { return false }
        for (usage, known) in CrossSigningSecrets.names where utf8Equal(known, name) {
            var secrets = crossSigningSecrets
            do throws(CrossSigningError) { try secrets.take(secret, for: usage, of: identity) } catch { return false }
            crossSigningSecrets = secrets
            return true
        }
        return false
    }
}
