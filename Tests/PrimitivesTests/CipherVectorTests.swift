import Primitives
import RandomJSON
import Testing

@Suite struct CipherVectorTests {
    private static let key = hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
    private static let plaintext = hex(
        """
        6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
        30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710
        """)

    /// NIST SP 800-38A, F.5.5.
    @Test func counterMode() {
        let counter = hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
        let ciphertext = hex(
            """
            601ec313775789a5b7a7f504bbf3d228 f443e3ca4d62b59aca84e990cacaf5c5
            2b0930daa23de94ce87017ba2d84988d dfc9c58db67aada613c2dd08457941a6
            """)
        #expect(AES256CTR.apply(Self.plaintext, key: Self.key, counter: counter) == ciphertext)
        #expect(AES256CTR.apply(ciphertext, key: Self.key, counter: counter) == Self.plaintext)
        #expect(AES256CTR.apply([], key: Self.key, counter: counter).isEmpty)
    }

    @Test func counterModeInPieces() {
        var generator = SeededGenerator.fresh()
        // All of the counter counts: the next block's is zero.
        let counter = [UInt8](repeating: 0xff, count: 16)
        for _ in 0..<50 {
            let bytes = (0..<Int.random(in: 0...500, using: &generator)).map { UInt8(truncatingIfNeeded: $0) }
            var stream = AES256CTRStream(key: Self.key, counter: counter)
            var output: [UInt8] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 0...50, using: &generator))
                output += stream.apply(Array(piece))
                rest = rest.dropFirst(piece.count)
            }
            #expect(output == AES256CTR.apply(bytes, key: Self.key, counter: counter))
        }
        let two = AES256CTR.apply([UInt8](repeating: 0, count: 32), key: Self.key, counter: counter)
        let wrapped = AES256CTR.apply(
            [UInt8](repeating: 0, count: 16), key: Self.key, counter: [UInt8](repeating: 0, count: 16))
        #expect(Array(two[16...]) == wrapped)
    }

    /// NIST SP 800-38A, F.2.5, and the block of padding that PKCS#7 adds.
    @Test func blockChaining() throws {
        let iv = hex("000102030405060708090a0b0c0d0e0f")
        let blocks = hex(
            """
            f58c4c04d6e5f1ba779eabfb5f7bfbd6 9cfc4e967edb808d679f777bc6702c7d
            39f23369a9d9bacfa530e26304231461 b2eb05e2c39be9fcda6c19078c6a9d1b
            """)
        let encrypted = AES256CBC.encrypt(Self.plaintext, key: Self.key, iv: iv)
        #expect(encrypted.count == 80)
        #expect(Array(encrypted[..<64]) == blocks)
        #expect(try AES256CBC.decrypt(encrypted, key: Self.key, iv: iv) == Self.plaintext)
        for count in 0...33 {
            let bytes = Array(Self.plaintext.prefix(count))
            let encrypted = AES256CBC.encrypt(bytes, key: Self.key, iv: iv)
            #expect(encrypted.count == (count / 16 + 1) * 16)
            #expect(try AES256CBC.decrypt(encrypted, key: Self.key, iv: iv) == bytes)
        }
        // Without its padding the last block ends with 0x10, which would take away sixteen bytes that are no padding.
        #expect(throws: PrimitiveError.malformedCiphertext) {
            try AES256CBC.decrypt(blocks, key: Self.key, iv: iv)
        }
        for length in [0, 1, 15, 17, 79] {
            #expect(throws: PrimitiveError.malformedCiphertext) {
                try AES256CBC.decrypt(Array(encrypted.prefix(length)), key: Self.key, iv: iv)
            }
        }
    }

    /// The Galois/Counter Mode of Operation (McGrew, Viega), appendix B, test case 16.
    @Test func galoisCounterMode() throws {
        let key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
        let nonce = hex("cafebabefacedbaddecaf888")
        let plaintext = hex(
            """
            d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
            1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39
            """)
        let additional = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        let sealed = hex(
            """
            522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
            8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662
            76fc6ece0f4e1768cddf8853bb2d551b
            """)
        #expect(AES256GCM.seal(plaintext, key: key, nonce: nonce, authenticating: additional) == sealed)
        #expect(try AES256GCM.open(sealed, key: key, nonce: nonce, authenticating: additional) == plaintext)
        for index in sealed.indices {
            var damaged = sealed
            damaged[index] ^= 1
            #expect(throws: PrimitiveError.authenticationFailed) {
                try AES256GCM.open(damaged, key: key, nonce: nonce, authenticating: additional)
            }
        }
        for wrong in [Array(sealed.dropLast()), Array(sealed.prefix(15)), []] {
            #expect(throws: PrimitiveError.authenticationFailed) {
                try AES256GCM.open(wrong, key: key, nonce: nonce, authenticating: additional)
            }
        }
        #expect(throws: PrimitiveError.authenticationFailed) { try AES256GCM.open(sealed, key: key, nonce: nonce) }
        #expect(try AES256GCM.open(AES256GCM.seal([], key: key, nonce: nonce), key: key, nonce: nonce) == [])
    }
}
