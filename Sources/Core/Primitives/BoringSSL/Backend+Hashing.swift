import CCryptoBoringSSL

extension Backend {
    static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        output(32) { _ = CCryptoBoringSSL_SHA256(bytes, bytes.count, $0) }
    }

    static func sha512(_ bytes: [UInt8]) -> [UInt8] {
        output(64) { _ = CCryptoBoringSSL_SHA512(bytes, bytes.count, $0) }
    }

    struct SHA256State {
        private var context = SHA256_CTX()

        init() { require(CCryptoBoringSSL_SHA256_Init(&context)) }

        mutating func update(_ bytes: [UInt8]) {
            require(CCryptoBoringSSL_SHA256_Update(&context, bytes, bytes.count))
        }

        func finish() -> [UInt8] {
            var copy = context
            return output(32) { require(CCryptoBoringSSL_SHA256_Final($0, &copy)) }
        }
    }

    static func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        hmac(CCryptoBoringSSL_EVP_sha256(), 32, message, key)
    }

    static func hmacSHA512(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        hmac(CCryptoBoringSSL_EVP_sha512(), 64, message, key)
    }

    private static func hmac(_ digest: OpaquePointer?, _ count: Int, _ message: [UInt8], _ key: [UInt8]) -> [UInt8] {
        output(count) { output in
            let written = CCryptoBoringSSL_HMAC(digest, key, key.count, message, message.count, output, nil)
            precondition(written != nil, "memory ran out")
        }
    }

    static func hkdfSHA256(from secret: [UInt8], salt: [UInt8], info: [UInt8], count: Int) -> [UInt8] {
        output(count) {
            require(
                CCryptoBoringSSL_HKDF(
                    $0, count, CCryptoBoringSSL_EVP_sha256(), secret, secret.count, salt, salt.count, info, info.count))
        }
    }

    static func pbkdf2SHA512(password: [UInt8], salt: [UInt8], rounds: Int, count: Int) -> [UInt8] {
        output(count) { output in
            password.withUnsafeBytes { password in
                require(
                    CCryptoBoringSSL_PKCS5_PBKDF2_HMAC(
                        password.baseAddress?.assumingMemoryBound(to: CChar.self), password.count, salt, salt.count,
                        UInt32(rounds), CCryptoBoringSSL_EVP_sha512(), count, output))
            }
        }
    }
}
