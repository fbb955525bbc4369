import Crypto
import Primitives
import RandomJSON
import Testing

@Suite struct HashVectorTests {
    /// RFC 6234 §8.5: test 1 and a million letters.
    @Test func sha256() {
        #expect(
            Primitives.SHA256.hash(Array("abc".utf8))
                == hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
        #expect(
            Primitives.SHA256.hash([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
                == hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"))
        #expect(Primitives.SHA256.hash([]) == hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
    }

    @Test func sha256OfPieces() {
        var hasher = SHA256Hasher()
        for letter in "abc".utf8 { hasher.update([letter]) }
        #expect(hasher.finish() == Primitives.SHA256.hash(Array("abc".utf8)))
        hasher.update(Array("def".utf8))
        #expect(hasher.finish() == Primitives.SHA256.hash(Array("abcdef".utf8)))
    }

    /// RFC 6234 §8.5, test 1.
    @Test func sha512() {
        #expect(
            Primitives.SHA512.hash(Array("abc".utf8))
                == hex(
                    """
                    ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a
                    2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f
                    """))
    }

    /// RFC 4231 §4.2, §4.3 and §4.7: a key as long as the hash, a short one, one longer than a block.
    @Test func hmac() {
        let cases: [(key: [UInt8], message: [UInt8], sha256: String, sha512: String)] = [
            (
                [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
                """
                87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde
                daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854
                """
            ),
            (
                Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                """
                164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554
                9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737
                """
            ),
            (
                [UInt8](repeating: 0xaa, count: 131),
                Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
                """
                80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352
                6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598
                """
            ),
        ]
        for vector in cases {
            #expect(HMACSHA256.authenticate(vector.message, key: vector.key) == hex(vector.sha256))
            #expect(HMACSHA512.authenticate(vector.message, key: vector.key) == hex(vector.sha512))
        }
    }

    @Test func hmacWithoutAKey() {
        // Of Python's hmac module.
        #expect(
            HMACSHA256.authenticate([], key: [])
                == hex("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"))
    }

    /// Keys and messages of all lengths around a block's, against the library's own.
    @Test func hmacAsTheLibraryHasIt() {
        var generator = SeededGenerator.fresh()
        for count in [0, 1, 31, 32, 63, 64, 65, 127, 128, 129, 300] {
            let key = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let message = (0..<300 - count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let symmetricKey = SymmetricKey(data: key)
            #expect(
                HMACSHA256.authenticate(message, key: key)
                    == Array(HMAC<Crypto.SHA256>.authenticationCode(for: message, using: symmetricKey)))
            #expect(
                HMACSHA512.authenticate(message, key: key)
                    == Array(HMAC<Crypto.SHA512>.authenticationCode(for: message, using: symmetricKey)))
            let derived = HKDF<Crypto.SHA256>.deriveKey(
                inputKeyMaterial: symmetricKey, salt: message, info: message, outputByteCount: count + 1)
            #expect(
                HKDFSHA256.derive(from: key, salt: message, info: message, count: count + 1)
                    == derived.withUnsafeBytes { Array($0) })
        }
    }

    /// RFC 5869, appendices A.1 and A.3.
    @Test func hkdf() {
        let secret = [UInt8](repeating: 0x0b, count: 22)
        #expect(
            HKDFSHA256.derive(
                from: secret, salt: hex("000102030405060708090a0b0c"), info: hex("f0f1f2f3f4f5f6f7f8f9"), count: 42)
                == hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"))
        #expect(
            HKDFSHA256.derive(from: secret, salt: [], info: [], count: 42)
                == hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"))
    }

    @Test func hkdfOfNothingAndMuch() {
        let most = HKDFSHA256.derive(from: [], salt: [], info: [1], count: 255 * 32)
        #expect(most.count == 255 * 32)
        #expect(Array(most[..<10]) == HKDFSHA256.derive(from: [], salt: [], info: [1], count: 10))
        #expect(
            HKDFSHA256.derive(from: [], salt: [UInt8](repeating: 0, count: 32), info: [1], count: 10)
                == Array(most[..<10])
        )
    }

    /// From Python's `hashlib.pbkdf2_hmac("sha512", …)`; RFC 8018 has no vectors.
    @Test func pbkdf2() {
        #expect(
            PBKDF2SHA512.derive(password: Array("password".utf8), salt: Array("salt".utf8), rounds: 1, count: 64)
                == hex(
                    """
                    867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252
                    c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce
                    """))
        #expect(
            PBKDF2SHA512.derive(password: Array("password".utf8), salt: Array("salt".utf8), rounds: 4096, count: 20)
                == hex("d197b1b33db0143e018b12f3d1d1479e6cdebdcc"))
        #expect(PBKDF2SHA512.derive(password: [], salt: [], rounds: 2, count: 100).count == 100)
    }
}
