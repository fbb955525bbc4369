import Primitives
import Testing

@Suite struct CurveVectorTests {
    /// RFC 7748 §6.1.
    @Test func agreement() throws {
        let alice = try #require(
            Curve25519KeyPair(secret: hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")))
        let bob = try #require(
            Curve25519KeyPair(secret: hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")))
        #expect(alice.publicKey.bytes == hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"))
        #expect(bob.publicKey.bytes == hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"))
        let shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
        #expect(try alice.agree(with: bob.publicKey) == shared)
        #expect(try bob.agree(with: alice.publicKey) == shared)
        #expect(alice.secret == hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"))
    }

    /// RFC 7748 §5.2, the first vector: the secret's and the key's superfluous bits are ignored.
    @Test func unclampedSecret() throws {
        let pair = try #require(
            Curve25519KeyPair(secret: hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")))
        let other = try #require(
            Curve25519Key(hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")))
        #expect(
            try pair.agree(with: other) == hex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"))
    }

    /// RFC 7748 §6.1: points of small order, as https://cr.yp.to/ecdh.html#validate lists them.
    @Test func keysWithoutContributionAreRefused() throws {
        let pair = Curve25519KeyPair(random: .system)
        for point in [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ] {
            let key = try #require(Curve25519Key(hex(point)))
            #expect(throws: PrimitiveError.keyWithoutContribution) { try pair.agree(with: key) }
        }
    }

    /// RFC 8032 §7.1, tests 1 and 2.
    @Test func signatures() throws {
        let cases: [(seed: String, publicKey: String, message: [UInt8], signature: String)] = [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", [],
                """
                e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155
                5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b
                """
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", [0x72],
                """
                92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da
                085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00
                """
            ),
        ]
        for vector in cases {
            let pair = try #require(Ed25519KeyPair(seed: hex(vector.seed)))
            #expect(pair.publicKey.bytes == hex(vector.publicKey))
            #expect(pair.seed == hex(vector.seed))
            #expect(pair.sign(vector.message) == hex(vector.signature))
            #expect(pair.publicKey.isValid(signature: hex(vector.signature), for: vector.message))
        }
    }

    @Test func wrongSignaturesAreRefused() throws {
        let pair = Ed25519KeyPair(random: .system)
        let message = Array("안녕".utf8)
        let signature = pair.sign(message)
        #expect(pair.publicKey.isValid(signature: signature, for: message))
        #expect(!pair.publicKey.isValid(signature: signature, for: message + [0]))
        #expect(!Ed25519KeyPair(random: .system).publicKey.isValid(signature: signature, for: message))
        for wrong in [[], Array(signature.dropLast()), signature + [0]] {
            #expect(!pair.publicKey.isValid(signature: wrong, for: message))
        }
        for index in signature.indices {
            var damaged = signature
            damaged[index] ^= 1
            #expect(!pair.publicKey.isValid(signature: damaged, for: message))
        }
    }

    /// RFC 8032 §5.1.7: the same signature with the order of the group added to its second half is another's work.
    @Test func signatureWithAddedOrderIsRefused() {
        let pair = Ed25519KeyPair(random: .system)
        let signature = pair.sign([1])
        let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
        var forged = signature
        var carry = 0
        for index in 0..<32 {
            carry += Int(signature[32 + index]) + Int(order[index])
            forged[32 + index] = UInt8(truncatingIfNeeded: carry)
            carry >>= 8
        }
        #expect(!pair.publicKey.isValid(signature: forged, for: [1]))
    }

    @Test func keysAsText() throws {
        let key = Curve25519KeyPair(random: .system).publicKey
        #expect(Curve25519Key(base64: key.base64) == key)
        #expect(key.base64.utf8.count == 43)
        #expect(Ed25519Key(base64: key.base64)?.bytes == key.bytes)
        for wrong in ["", "AAAA", key.base64 + "A", String(key.base64.dropLast()), "!" + key.base64.dropFirst()] {
            #expect(Curve25519Key(base64: wrong) == nil)
            #expect(Ed25519Key(base64: wrong) == nil)
        }
        #expect(Curve25519Key([1, 2, 3]) == nil)
        #expect(Ed25519Key([1, 2, 3]) == nil)
        #expect(Curve25519KeyPair(secret: [1]) == nil)
        #expect(Ed25519KeyPair(seed: [1]) == nil)
        // A y that no point has: nothing is signed by it.
        let none = try #require(Ed25519Key([2] + [UInt8](repeating: 0, count: 31)))
        #expect(!none.isValid(signature: [UInt8](repeating: 0, count: 64), for: []))
    }
}
