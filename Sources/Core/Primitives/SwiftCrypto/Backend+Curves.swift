import Crypto

extension Backend {
    struct X25519PrivateKey: Sendable {
        private let key: Curve25519.KeyAgreement.PrivateKey

        /// Of 32 bytes.
        init(_ secret: [UInt8]) {
            do {
                key = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: secret)
            } catch {
                preconditionFailure("32 bytes are a Curve25519 key")
            }
        }

        var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }
        var secret: [UInt8] { Array(key.rawRepresentation) }

        /// With 32 bytes; zeros for a key of small order, if the library does not refuse it.
        func agree(with other: [UInt8]) -> [UInt8] {
            do {
                let other = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: other)
                return try key.sharedSecretFromKeyAgreement(with: other).withUnsafeBytes { Array($0) }
            } catch {
                return [UInt8](repeating: 0, count: 32)
            }
        }
    }

    struct Ed25519PrivateKey: Sendable {
        private let key: Curve25519.Signing.PrivateKey

        /// Of 32 bytes.
        init(seed: [UInt8]) {
            do {
                key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
            } catch {
                preconditionFailure("32 bytes are an Ed25519 seed")
            }
        }

        var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }
        var seed: [UInt8] { Array(key.rawRepresentation) }

        func sign(_ message: [UInt8]) -> [UInt8] {
            do {
                return Array(try key.signature(for: message))
            } catch {
                preconditionFailure("Ed25519 signs any bytes")
            }
        }
    }

    /// Of 64 and 32 bytes.
    static func ed25519IsValid(signature: [UInt8], for message: [UInt8], publicKey: [UInt8]) -> Bool {
        do {
            return try Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
                .isValidSignature(signature, for: message)
        } catch {
            return false
        }
    }
}
