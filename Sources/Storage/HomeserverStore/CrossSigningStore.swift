import MatrixIdentifiers

/// One of a user's cross-signing keys.
public struct CrossSigningKeyRecord: Sendable, Equatable {
    public enum Usage: String, Sendable, CaseIterable {
        case master
        case selfSigning = "self_signing"
        case userSigning = "user_signing"
    }

    public let usage: Usage
    /// Unpadded base64.
    public let publicKey: String
    /// JSON as bytes, as the user uploaded it.
    public let json: [UInt8]

    public init(usage: Usage, publicKey: String, json: [UInt8]) {
        self.usage = usage
        self.publicKey = publicKey
        self.json = json
    }
}

/// A signature of a key that was uploaded after the key.
public struct KeySignatureRecord: Sendable, Equatable {
    /// Whose key is signed.
    public let userID: UserID
    /// Which: a device ID or the public key of a cross-signing key.
    public let target: String
    public let signer: UserID
    /// What it is signed with: `ed25519:` and a device ID or a public key.
    public let keyID: String
    /// Unpadded base64.
    public let signature: String

    public init(userID: UserID, target: String, signer: UserID, keyID: String, signature: String) {
        self.userID = userID
        self.target = target
        self.signer = signer
        self.keyID = keyID
        self.signature = signature
    }
}

/// Cross-signing keys, and signatures of them and of device keys.
public protocol CrossSigningReader {
    func crossSigningKeys(of userID: UserID) throws -> [CrossSigningKeyRecord]
    /// The signatures of a user's keys that were made by himself or by `viewer`.
    func keySignatures(of userID: UserID, seenBy viewer: UserID) throws -> [KeySignatureRecord]
}

public protocol CrossSigningWriter: CrossSigningReader {
    func setCrossSigningKey(_ key: CrossSigningKeyRecord, of userID: UserID) throws
    func deleteCrossSigningKey(_ usage: CrossSigningKeyRecord.Usage, of userID: UserID) throws
    func setKeySignature(_ signature: KeySignatureRecord) throws
    /// Deletes the signatures of one of the user's keys.
    func deleteKeySignatures(of userID: UserID, target: String) throws
    /// Deletes the signatures that were made with one of the user's keys.
    func deleteKeySignatures(by signer: UserID, keyID: String) throws
}
