import UnpaddedBase64

/// A public key to agree on secrets with: 32 bytes.
///
/// https://www.rfc-editor.org/rfc/rfc7748
public struct Curve25519Key: Hashable, Sendable {
    public let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
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
}

/// A secret Curve25519 key and its public half.
public struct Curve25519KeyPair: Sendable {
    public let publicKey: Curve25519Key
    private let privateKey: Backend.X25519PrivateKey

    /// A new key.
    public init(random: RandomSource) {
        self.init(validSecret: random.bytes(32))
    }

    /// Nil unless there are 32 bytes. Any 32 bytes are a key; some bits are ignored.
    public init?(secret: [UInt8]) {
        guard secret.count == 32 else { return nil }
        self.init(validSecret: secret)
    }

    private init(validSecret secret: [UInt8]) {
        privateKey = Backend.X25519PrivateKey(secret)
        guard let publicKey = Curve25519Key(privateKey.publicKey) else {
            preconditionFailure("X25519 makes keys of 32 bytes")
        }
        self.publicKey = publicKey
    }

    /// The 32 bytes that the key is made from.
    public var secret: [UInt8] { privateKey.secret }

    /// 32 secret bytes that the owner of `other` can compute too.
    ///
    /// - Throws: ``PrimitiveError/keyWithoutContribution`` when they would be zeros whatever the secret is.
    public func agree(with other: Curve25519Key) throws(PrimitiveError) -> [UInt8] {
        let shared = privateKey.agree(with: other.bytes)
        guard !constantTimeEqual(shared, repeatElement(0, count: 32)) else { throw .keyWithoutContribution }
        return shared
    }
}
