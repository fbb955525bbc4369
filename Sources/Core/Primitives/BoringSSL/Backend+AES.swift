import CCryptoBoringSSL

extension Backend {
    static func aes256CTR(_ bytes: [UInt8], key: [UInt8], counter: [UInt8]) -> [UInt8] {
        withSchedule(of: key, CCryptoBoringSSL_AES_set_encrypt_key) { schedule in
            // Both are changed while the bytes go by.
            var (counter, unused) = (counter, [UInt8](repeating: 0, count: 16))
            var position: UInt32 = 0
            return output(bytes.count) {
                CCryptoBoringSSL_AES_ctr128_encrypt(bytes, $0, bytes.count, schedule, &counter, &unused, &position)
            }
        }
    }

    static func aes256CBCEncrypt(_ bytes: [UInt8], key: [UInt8], iv: [UInt8]) -> [UInt8] {
        withSchedule(of: key, CCryptoBoringSSL_AES_set_encrypt_key) { schedule in
            let padding = 16 - bytes.count % 16
            let padded = bytes + [UInt8](repeating: UInt8(padding), count: padding)
            var vector = iv
            return output(padded.count) {
                CCryptoBoringSSL_AES_cbc_encrypt(padded, $0, padded.count, schedule, &vector, AES_ENCRYPT)
            }
        }
    }

    /// Nil when the padding is wrong.
    static func aes256CBCDecrypt(_ bytes: [UInt8], key: [UInt8], iv: [UInt8]) -> [UInt8]? {
        var plaintext = withSchedule(of: key, CCryptoBoringSSL_AES_set_decrypt_key) { schedule in
            var vector = iv
            return output(bytes.count) {
                CCryptoBoringSSL_AES_cbc_encrypt(bytes, $0, bytes.count, schedule, &vector, AES_DECRYPT)
            }
        }
        guard let last = plaintext.last, 1...16 ~= last else { return nil }
        let padding = Int(last)
        var difference: UInt8 = 0
        for byte in plaintext.suffix(padding) { difference |= byte ^ last }
        guard difference == 0 else { return nil }
        plaintext.removeLast(padding)
        return plaintext
    }

    private static func withSchedule(
        of key: [UInt8], _ expand: (UnsafePointer<UInt8>?, UInt32, UnsafeMutablePointer<AES_KEY>?) -> Int32,
        _ body: (UnsafePointer<AES_KEY>) -> [UInt8]
    ) -> [UInt8] {
        var schedule = AES_KEY()
        defer { CCryptoBoringSSL_OPENSSL_cleanse(&schedule, MemoryLayout<AES_KEY>.size) }
        precondition(expand(key, 256, &schedule) == 0, "AES takes a key of 256 bits")
        return withUnsafePointer(to: &schedule, body)
    }

    // MARK: GCM

    static func aes256GCMSeal(
        _ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], authenticating additional: [UInt8]
    ) -> [UInt8] {
        let capacity = plaintext.count + AES256GCM.tagBytes
        return withGCM(key) { context in
            output(capacity) {
                var written = 0
                require(
                    CCryptoBoringSSL_EVP_AEAD_CTX_seal(
                        context, $0, &written, capacity, nonce, nonce.count, plaintext, plaintext.count, additional,
                        additional.count))
            }
        }
    }

    /// Nil when it was not sealed so.
    static func aes256GCMOpen(
        _ sealed: [UInt8], key: [UInt8], nonce: [UInt8], authenticating additional: [UInt8]
    ) -> [UInt8]? {
        withGCM(key) { context in
            var plaintext = [UInt8](repeating: 0, count: sealed.count)
            var written = 0
            let opened = CCryptoBoringSSL_EVP_AEAD_CTX_open(
                context, &plaintext, &written, plaintext.count, nonce, nonce.count, sealed, sealed.count, additional,
                additional.count)
            return opened == 1 ? Array(plaintext.prefix(written)) : nil
        }
    }

    private static func withGCM<Result>(_ key: [UInt8], _ body: (UnsafePointer<EVP_AEAD_CTX>) -> Result) -> Result {
        var context = EVP_AEAD_CTX()
        require(
            CCryptoBoringSSL_EVP_AEAD_CTX_init(
                &context, CCryptoBoringSSL_EVP_aead_aes_256_gcm(), key, key.count, AES256GCM.tagBytes, nil))
        defer {
            CCryptoBoringSSL_EVP_AEAD_CTX_cleanup(&context)
            CCryptoBoringSSL_OPENSSL_cleanse(&context, MemoryLayout<EVP_AEAD_CTX>.size)
        }
        return withUnsafePointer(to: &context, body)
    }
}
