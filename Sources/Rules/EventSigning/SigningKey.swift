import Crypto

/// A server's Ed25519 key with the identifier it is published under.
///
/// https://spec.matrix.org/v1.19/appendices/#signing-details
public struct SigningKey: Sendable {
    /// The algorithm and the version, as `"ed25519:a_1"`.
    public let keyID: String
    private let privateKey: Curve25519.Signing.PrivateKey

    /// - Parameters:
    ///   - seed: 32 secret bytes.
    ///   - version: letters, digits and `_`, which tell the server's keys apart.
    public init(seed: [UInt8], version: String) throws {
        guard seed.count == 32 else { throw SigningError(.malformedKey, "an Ed25519 seed has 32 bytes") }
        guard Self.isValidVersion(version) else {
            throw SigningError(.malformedKey, "a key's version consists of letters, digits and _")
        }
        self.init(try Curve25519.Signing.PrivateKey(rawRepresentation: seed), version: version)
    }

    /// A new key from the system's source of randomness.
    public static func generate(version: String) -> SigningKey {
        precondition(isValidVersion(version), "a key's version consists of letters, digits and _")
        return SigningKey(Curve25519.Signing.PrivateKey(), version: version)
    }

    private init(_ privateKey: Curve25519.Signing.PrivateKey, version: String) {
        self.privateKey = privateKey
        keyID = "ed25519:\(version)"
    }

    /// The 32 secret bytes that the key is made from.
    public var seed: [UInt8] { Array(privateKey.rawRepresentation) }

    /// 32 bytes.
    public var publicKey: [UInt8] { Array(privateKey.publicKey.rawRepresentation) }

    /// 64 bytes.
    public func signature(for bytes: [UInt8]) -> [UInt8] {
        do {
            return Array(try privateKey.signature(for: bytes))
        } catch {
            preconditionFailure("Ed25519 signs any bytes")
        }
    }

    private static func isValidVersion(_ version: String) -> Bool {
        !version.isEmpty
            && version.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == UInt8(ascii: "_")
            }
    }
}

/// The public half of a ``SigningKey``.
public struct VerifyKey: Sendable {
    private let publicKey: Curve25519.Signing.PublicKey

    /// Nil unless `publicKey` has 32 bytes.
    public init?(publicKey: [UInt8]) {
        guard publicKey.count == 32 else { return nil }
        do {
            self.publicKey = try Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
        } catch {
            return nil
        }
    }

    public func isValid(signature: [UInt8], for bytes: [UInt8]) -> Bool {
        publicKey.isValidSignature(signature, for: bytes)
    }
}
