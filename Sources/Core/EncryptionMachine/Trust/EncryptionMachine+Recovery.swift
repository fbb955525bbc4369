import CanonicalJSON
import CrossSigning
import KeyBackup
import SecretStorage

/// Why a recovery did not succeed.
public enum RecoveryError: Error, Equatable, Sendable {
    /// There is nothing to recover from: the account has no secret storage.
    case notSetUp
    /// What the server keeps is not what the specification says, or is of a kind that is not known, or is encrypted
    /// for another key only.
    case unreadable
    /// The recovery key has a character that none has, or is too long or short.
    case mistyped
    /// The recovery key or passphrase is not the right one.
    case wrongKey
}

/// Secrets on the server, under a key that the person keeps.
///
/// https://spec.matrix.org/v1.19/client-server-api/#storage
extension EncryptionMachine {
    /// Stores the secrets of this device on the server, under a new key.
    ///
    /// Requests for account data go out; the one that makes the new key the default is the last. They stay until they
    /// are answered, so what a lost connection cuts off is completed later. An earlier key opens nothing any more.
    ///
    /// - Parameters:
    ///   - passphrase: what the person can type instead of the recovery key. It takes half a second to use.
    ///   - rounds: of PBKDF2; fewer are for tests.
    /// - Returns: the recovery key, for the person to write down. The machine forgets it.
    /// - Throws: ``MachineError/Code/untrusted`` when the own identity's private keys are not all here.
    public func makeRecovery(
        passphrase: String? = nil, rounds: Int = PassphraseDerivation.defaultRounds
    ) throws(MachineError) -> String {
        guard usableSecrets.isComplete, crossSigningStatus.isVerified else {
            throw MachineError(.untrusted, "the private keys of the identity are not on this device")
        }
        let key: SecretStorageKey
        var derivation: PassphraseDerivation?
        if let passphrase {
            let new = PassphraseDerivation(random: random, rounds: rounds)
            key = SecretStorageKey(passphrase: passphrase, derivation: new)
            derivation = new
        } else {
            key = SecretStorageKey(random: random)
        }
        let description = SecretStorageKeyDescription(of: key, passphrase: derivation, random: random)
        putAccountData(description.eventType, description.json)
        for name in CrossSigningSecrets.names.map({ $0.name }) + [BackupDecryptionKey.secretName] {
            guard let secret = secret(name) else { continue }
            putAccountData(name, key.encrypt(secret, name: name, keyID: description.keyID, random: random))
        }
        putAccountData(SecretStorageKeyDescription.defaultKeyType, description.defaultKeyContent)
        return key.recoveryKey
    }

    /// Adds a secret that came later, such as a new backup's key, to the storage that there is.
    ///
    /// - Parameters:
    ///   - input: the recovery key or passphrase.
    ///   - accountData: as for ``recover(with:accountData:)``.
    public func storeSecrets(
        with input: String, accountData: (_ type: String) -> JSONObject?
    ) throws(RecoveryError) {
        let (description, key) = try openStorage(with: input, accountData: accountData)
        // A key that nothing proves could be one that the server has made up.
        guard description.verdict(on: key) == .right else { throw .wrongKey }
        for name in CrossSigningSecrets.names.map({ $0.name }) + [BackupDecryptionKey.secretName] {
            guard let secret = secret(name) else { continue }
            putAccountData(
                name,
                key.encrypt(
                    secret, name: name, keyID: description.keyID, addingTo: accountData(name), random: random))
        }
    }

    /// Takes the secrets from the server: this device becomes a verified one, and reads the backup.
    ///
    /// The own identity must be known (``isUpToDate(_:)``), for the secrets are held against it.
    ///
    /// - Parameters:
    ///   - input: what the person typed: the recovery key, or the passphrase.
    ///   - accountData: the content of the user's global account data event of a type; nil when there is none.
    public func recover(
        with input: String, accountData: (_ type: String) -> JSONObject?
    ) throws(RecoveryError) -> [MachineNews] {
        let (description, key) = try openStorage(with: input, accountData: accountData)
        var news: [MachineNews] = []
        var hasSecret = false
        var hasMaster = false
        for name in CrossSigningSecrets.names.map({ $0.name }) + [BackupDecryptionKey.secretName] {
            guard let content = accountData(name) else { continue }
            let secret: String
            do throws(SecretStorageError) {
                secret = try key.decrypt(content, name: name, keyID: description.keyID)
            } catch {
                continue
            }
            hasSecret = true
            guard take(secret, named: name) else { continue }
            if utf8Equal(name, BackupDecryptionKey.secretName) {
                news.append(.backupChanged)
            } else {
                hasMaster = hasMaster || utf8Equal(name, "m.cross_signing.master")
                // By pattern: `==` of news compares texts as Embedded Swift cannot.
                let isTold = news.contains { if case .crossSigningChanged = $0 { true } else { false } }
                if !isTold { news.append(.crossSigningChanged) }
            }
        }
        guard hasSecret else { throw description.verdict(on: key) == .right ? .unreadable : .wrongKey }
        // Who has the private half of the master key knows whose identity it is.
        if hasMaster, let identity = identityRecord(of: userID) {
            do throws(MachineError) {
                try markVerified(userID, masterKey: identity.masterKey)
                signOwnMasterKey()
                reviewVerifications()
            } catch {
                // It was read a moment ago.
            }
        }
        sign(ownDevice: deviceID)
        return news
    }

    private func openStorage(
        with input: String, accountData: (_ type: String) -> JSONObject?
    ) throws(RecoveryError) -> (SecretStorageKeyDescription, SecretStorageKey) {
        guard let content = accountData(SecretStorageKeyDescription.defaultKeyType),
            let keyID = SecretStorageKeyDescription.defaultKeyID(in: content),
            let json = accountData(SecretStorageKeyDescription.eventType(keyID: keyID))
        else { throw .notSetUp }
        let description: SecretStorageKeyDescription
        do throws(SecretStorageError) {
            description = try SecretStorageKeyDescription(keyID: keyID, json: json)
        } catch {
            throw .unreadable
        }
        do throws(SecretStorageError) {
            return (description, try description.key(from: input))
        } catch .noPassphrase {
            throw .mistyped
        } catch {
            throw .wrongKey
        }
    }

    private func putAccountData(_ type: String, _ content: JSONObject) {
        let path =
            "/_matrix/client/v3/user/" + percentEncoded(userID) + "/account_data/" + percentEncoded(type)
        enqueue(
            RequestRecord(
                kind: .other, method: .put, path: path, body: content.bytes(),
                context: trustContext(.accountData).bytes))
    }
}
