import MatrixIdentifiers

/// Devices, trust, verification, recovery: what the person decides about the encryption.
///
/// Rooms are encrypted and decrypted without anybody calling anything here.
public final class Encryption: Sendable {
    let engine: Engine

    init(engine: Engine) { self.engine = engine }

    /// This device's Ed25519 key, for people who compare by reading it out: groups of four letters.
    public func fingerprint() async -> String { await engine.fingerprint() }

    /// Whether one's other devices trust this one, and one's messages can be recovered; now and after each change.
    public func status() async -> AsyncStream<EncryptionStatus> { await engine.encryptionStatusUpdates() }

    // MARK: People and devices

    /// The devices of a person, as far as the server tells.
    public func devices(of userID: UserID) async throws(ClientError) -> [DeviceInfo] {
        try await engine.devices(of: userID)
    }

    public func trust(of userID: UserID) async -> UserTrust { await engine.trust(of: userID) }

    /// Accepts that a person has a new identity, without verifying it: messages to him can be sent again.
    public func acceptIdentity(of userID: UserID) async throws(ClientError) {
        try await engine.acceptIdentity(of: userID)
    }

    // MARK: Verification

    /// Asks a person, or with one's own user ID one's other devices, to compare emojis or to scan a code.
    public func requestVerification(of userID: UserID) async throws(ClientError) -> Verification {
        try await engine.requestVerification(of: userID)
    }

    /// The verifications that others ask for.
    public func incomingVerifications() async -> AsyncStream<Verification> {
        await engine.incomingVerifications()
    }

    // MARK: Keys of one's own

    /// Makes an identity with which one's devices sign each other, where there is none.
    ///
    /// - Parameter password: for the server, if it asks.
    public func setUpIdentity(password: String?) async throws(ClientError) {
        try await engine.setUpIdentity(password: password, replacing: false)
    }

    /// Makes a new identity in place of one whose keys are lost. Everybody who has verified the old one is warned.
    public func resetIdentity(password: String?) async throws(ClientError) {
        try await engine.setUpIdentity(password: password, replacing: true)
    }

    /// Puts the identity's keys and a backup of all room keys on the server, locked with a new recovery key.
    ///
    /// - Parameter passphrase: what opens them besides; nil for the key alone.
    /// - Returns: the recovery key, to be written down: nobody else has it.
    public func setUpRecovery(passphrase: String? = nil) async throws(ClientError) -> String {
        try await engine.setUpRecovery(passphrase: passphrase)
    }

    /// Opens what was put there: this device becomes a trusted one, and old messages can be read.
    ///
    /// - Parameter keyOrPassphrase: the recovery key with or without spaces, or the passphrase.
    /// - Throws: ``ClientError/Code/encryption`` when it is neither.
    public func recover(_ keyOrPassphrase: String) async throws(ClientError) {
        try await engine.recover(keyOrPassphrase)
    }

    // MARK: Export

    /// All room keys, in the format that other clients read, locked with the passphrase.
    public func exportKeys(passphrase: String) async throws(ClientError) -> [UInt8] {
        try await engine.exportKeys(passphrase: passphrase)
    }

    /// - Returns: how many keys were new.
    @discardableResult
    public func importKeys(_ file: [UInt8], passphrase: String) async throws(ClientError) -> Int {
        try await engine.importKeys(file, passphrase: passphrase)
    }
}

/// How things stand with this device's encryption.
public struct EncryptionStatus: Sendable, Equatable {
    /// Whether one's other devices can trust this one.
    public enum Identity: Sendable, Equatable {
        /// Nobody has made an identity yet.
        case missing
        /// There is one, and this device does not have its signature: verify from another device, or recover.
        case unverified
        case verified
    }

    public enum Recovery: Sendable, Equatable {
        /// Nothing is put on the server.
        case off
        /// It is there, and this device has not opened it.
        case locked
        case on
    }

    public var identity: Identity
    public var recovery: Recovery
    /// Room keys that the backup does not have yet.
    public var keysToBackUp: Int
    /// Those whose identity has changed and waits for a decision.
    public var changedIdentities: [UserID]

    static let initial = EncryptionStatus(identity: .missing, recovery: .off, keysToBackUp: 0, changedIdentities: [])
}

/// A device, as far as it is known here.
public struct DeviceInfo: Sendable, Identifiable, Equatable {
    public let id: String
    public let userID: UserID
    public let displayName: String?
    /// Its Ed25519 key as ``Encryption/fingerprint()`` shows one's own.
    public let fingerprint: String
    /// Whether its owner has signed it.
    public let isSigned: Bool
    /// Whether it is the owner's whom we have verified.
    public let isVerified: Bool
}

public enum UserTrust: Sendable, Equatable {
    /// He has no identity, or it is not known yet.
    case none
    /// The identity is the one that was seen first.
    case unverified
    case verified
    /// It is another one than before. Nothing is encrypted to him until the person decides.
    case changed(wasVerified: Bool)
}
