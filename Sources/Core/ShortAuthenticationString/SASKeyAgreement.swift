import Primitives
import UnpaddedBase64

/// Why a short authentication string could not be agreed on.
public enum SASError: Error, Equatable, Sendable {
    /// The other's key is not 32 bytes in base64, or is one of the few with which everybody would agree on the same
    /// secret.
    case invalidKey
    /// The key that came is not the one whose hash was sent before: somebody is in between.
    case mismatchedCommitment
}

/// One device's share of an agreement: an ephemeral key, used for one verification only.
///
/// https://spec.matrix.org/v1.19/client-server-api/#short-authentication-string-sas-verification
public struct SASKeyAgreement: Sendable {
    private let pair: Curve25519KeyPair

    public init(random: RandomSource) {
        pair = Curve25519KeyPair(random: random)
    }

    /// For vectors; nil unless there are 32 bytes.
    public init?(secret: [UInt8]) {
        guard let pair = Curve25519KeyPair(secret: secret) else { return nil }
        self.pair = pair
    }

    /// As it goes into `m.key.verification.key`.
    public var publicKey: String { pair.publicKey.base64 }

    /// The secret that both devices know now, and nobody between them unless the strings differ.
    ///
    /// - Parameter otherKey: the other's `m.key.verification.key`.
    public func agree(with otherKey: String) throws(SASError) -> SASSecret {
        guard let key = Curve25519Key(base64: otherKey) else { throw .invalidKey }
        do throws(PrimitiveError) {
            return SASSecret(bytes: try pair.agree(with: key))
        } catch {
            throw .invalidKey
        }
    }
}

/// The hash that binds the accepting device to its key before it has seen the other's, so that it cannot choose one
/// that makes the strings come out alike.
///
/// https://spec.matrix.org/v1.19/client-server-api/#mkeyverificationaccept
public enum SASCommitment {
    /// - Parameters:
    ///   - publicKey: the accepting device's, in base64 as it will be sent.
    ///   - startContent: canonical JSON of the whole `content` of the `m.key.verification.start` message.
    public static func make(publicKey: String, startContent: [UInt8]) -> String {
        UnpaddedBase64.encode(SHA256.hash(Array(publicKey.utf8) + startContent))
    }

    /// - Throws: ``SASError/mismatchedCommitment``.
    public static func check(_ commitment: String, publicKey: String, startContent: [UInt8]) throws(SASError) {
        let expected = make(publicKey: publicKey, startContent: startContent)
        guard constantTimeEqual(Array(expected.utf8), Array(commitment.utf8)) else { throw .mismatchedCommitment }
    }
}
