import CCryptoBoringSSL

extension Backend {
    struct X25519PrivateKey: Sendable {
        private let storage: SecretBytes

        /// Of 32 bytes.
        init(_ secret: [UInt8]) { storage = SecretBytes(secret) }

        var publicKey: [UInt8] {
            output(32) { CCryptoBoringSSL_X25519_public_from_private($0, storage.bytes) }
        }
        var secret: [UInt8] { storage.bytes }

        /// With 32 bytes; zeros for a key of small order.
        func agree(with other: [UInt8]) -> [UInt8] {
            // BoringSSL says 0 then, and has written the zeros.
            output(32) { _ = CCryptoBoringSSL_X25519($0, storage.bytes, other) }
        }
    }

    struct Ed25519PrivateKey: Sendable {
        /// The seed and the public key, as BoringSSL wants them for signing.
        private let storage: SecretBytes
        let publicKey: [UInt8]

        /// Of 32 bytes.
        init(seed: [UInt8]) {
            var publicKey = [UInt8](repeating: 0, count: 32)
            storage = SecretBytes(
                output(64) { CCryptoBoringSSL_ED25519_keypair_from_seed(&publicKey, $0, seed) })
            self.publicKey = publicKey
        }

        var seed: [UInt8] { Array(storage.bytes.prefix(32)) }

        func sign(_ message: [UInt8]) -> [UInt8] {
            output(64) { require(CCryptoBoringSSL_ED25519_sign($0, message, message.count, storage.bytes)) }
        }
    }

    /// Of 64 and 32 bytes.
    static func ed25519IsValid(signature: [UInt8], for message: [UInt8], publicKey: [UInt8]) -> Bool {
        CCryptoBoringSSL_ED25519_verify(message, message.count, signature, publicKey) == 1
    }
}
