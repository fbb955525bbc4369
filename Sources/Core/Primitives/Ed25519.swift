import UnpaddedBase64

/// A public key that checks signatures: 32 bytes.
///
/// https://www.rfc-editor.org/rfc/rfc8032
public struct Ed25519Key: Hashable, Sendable {
    public let bytes: [UInt8]

    /// Nil unless there are 32 bytes. Bytes that are no point of the curve make a key that no signature is valid for.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Nil unless `base64` stands for 32 bytes.
    public init?(base64: String) {
        guard let bytes = UnpaddedBase64.decode(base64) else { return nil }
        self.init(bytes)
    }

    /// As keys are written in JSON, without padding.
    public var base64: String { UnpaddedBase64.encode(bytes) }

    /// - Parameter signature: of any length; only 64 bytes can be valid.
    public func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
        signature.count == 64 && Backend.ed25519IsValid(signature: signature, for: message, publicKey: bytes)
    }
}

/// A secret Ed25519 key and its public half.
public struct Ed25519KeyPair: Sendable {
    public let publicKey: Ed25519Key
    private let privateKey: Backend.Ed25519PrivateKey

    /// A new key.
    public init(random: RandomSource) {
        self.init(validSeed: random.bytes(32))
    }

    /// Nil unless there are 32 bytes.
    public init?(seed: [UInt8]) {
        guard seed.count == 32 else { return nil }
        self.init(validSeed: seed)
    }

    private init(validSeed seed: [UInt8]) {
        privateKey = Backend.Ed25519PrivateKey(seed: seed)
        guard let publicKey = Ed25519Key(privateKey.publicKey) else {
            preconditionFailure("Ed25519 makes keys of 32 bytes")
        }
        self.publicKey = publicKey
    }

    /// The 32 bytes that the key is made from.
    public var seed: [UInt8] { privateKey.seed }

    /// 64 bytes.
    public func sign(_ message: [UInt8]) -> [UInt8] { privateKey.sign(message) }
}
