import Primitives
import RatchetFormat
import UnpaddedBase64

/// A Curve25519 key that others may make a session with, and how the server is told of it.
public struct OneTimeKey: Sendable {
    /// Counts from the account's first key; never used again.
    let number: UInt64
    /// The pair is made when somebody uses the key: most of the time there are many and nobody does.
    let secret: SecretBytes
    public let publicKey: Curve25519Key
    public internal(set) var isPublished: Bool

    init(number: UInt64, secret: SecretBytes, publicKey: Curve25519Key, isPublished: Bool) {
        self.number = number
        self.secret = secret
        self.publicKey = publicKey
        self.isPublished = isPublished
    }

    init(number: UInt64, random: RandomSource) {
        let pair = Curve25519KeyPair(random: random)
        self.init(number: number, secret: SecretBytes(pair.secret), publicKey: pair.publicKey, isPublished: false)
    }

    /// What follows `signed_curve25519:` in the key's name.
    public var keyID: String {
        var writer = ByteWriter(capacity: 8)
        writer.write(number)
        return UnpaddedBase64.encode(writer.bytes)
    }

    var pair: Curve25519KeyPair {
        guard let pair = Curve25519KeyPair(secret: secret.bytes) else {
            preconditionFailure("a one-time key's secret has 32 bytes")
        }
        return pair
    }
}
