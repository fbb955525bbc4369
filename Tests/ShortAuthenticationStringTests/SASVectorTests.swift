import Primitives
import ShortAuthenticationString
import Testing

/// What libolm and vodozemac (`python-olm` 3.2.16 and `vodozemac` 0.10.0 of PyPI) answer for the same keys.
struct SASVectorTests {
    private let alice = SASKeyAgreement(secret: Array(0..<32))!
    private let bob = SASKeyAgreement(secret: Array(100..<132))!
    private let transactionID = "transaction-1"

    private func party(_ agreement: SASKeyAgreement, _ userID: String, _ deviceID: String) -> SASParty {
        SASParty(userID: userID, deviceID: deviceID, publicKey: agreement.publicKey)
    }

    @Test func libolmAgrees() throws {
        #expect(alice.publicKey == "j0DFrbaPJWJK5bIU6nZ6bslNgp09e14a0bpvPiE4KF8")
        #expect(bob.publicKey == "fZwkMWU5glwYluV/KBl3Rnk85gy+461H2p0HuF+lXio")
        let secret = try alice.agree(with: bob.publicKey)
        let starter = party(alice, "@alice:example.org", "ALICEDEVICE")
        let accepter = party(bob, "@bob:example.org", "BOBDEVICE")
        let string = secret.shortString(starter: starter, accepter: accepter, transactionID: transactionID)
        #expect(string.bytes == [0x18, 0xA4, 0x81, 0xD7, 0xA0, 0x81])
        let old = secret.shortString(
            starter: starter, accepter: accepter, transactionID: transactionID, derivation: .curve25519)
        #expect(old.bytes == [0xDD, 0x06, 0xF6, 0x68, 0xB5, 0x15])
        let others = try bob.agree(with: alice.publicKey).shortString(
            starter: starter, accepter: accepter, transactionID: transactionID)
        #expect(others == string)
        let turned = secret.shortString(starter: accepter, accepter: starter, transactionID: transactionID)
        #expect(turned != string)
    }

    @Test func libolmAndVodozemacWriteTheSameCodes() throws {
        func code(_ otherKey: String, _ method: SASAuthenticationCode) throws -> String {
            try alice.agree(with: otherKey).authenticationCode(
                of: "some key", keyID: "ed25519:ALICEDEVICE", sender: ("@alice:example.org", "ALICEDEVICE"),
                receiver: ("@bob:example.org", "BOBDEVICE"), transactionID: transactionID, method: method)
        }
        #expect(try code(bob.publicKey, .hmacSHA256Version2) == "pvVDDsa4KwVMpKwzyibkhZvdB+vs2RgLftMubZVz+3A")
        #expect(try code(bob.publicKey, .hmacSHA256) == "pvVDRMa4YTRMVFJNVkZKTlZrWktUbFpyV2t0VWJGcHk")
        let vodozemac = "s6dBLMYzou0fQPEtOM/P2MhvEK6OZpSRzsX2rF/V8WI"
        #expect(try code(vodozemac, .hmacSHA256Version2) == "WhOmuXwSvzK9+zgz1MIm3XwkTS2SaqsIxMHxb4NWvQI")
        #expect(try code(vodozemac, .hmacSHA256) == "WhOmbXwSd1O9MU85TVU4NVRWVTROVlJXVlRST1ZsSlg")
    }

    @Test func vodozemacShowsTheSameEmojiAndNumbers() throws {
        let key = "s6dBLMYzou0fQPEtOM/P2MhvEK6OZpSRzsX2rF/V8WI"
        let string = try alice.agree(with: key).shortString(
            starter: party(alice, "@alice:example.org", "ALICEDEVICE"),
            accepter: SASParty(userID: "@bob:example.org", deviceID: "BOBDEVICE", publicKey: key),
            transactionID: transactionID)
        #expect(string.decimals == [8783, 8257, 6783])
        #expect(string.emoji.map(\.number) == [60, 51, 60, 22, 27, 18, 62])
        #expect(string.emoji.map(\.symbol).joined() == "⚓🚂⚓🔥🍕🍄📁")
    }

    @Test func aCommitmentBindsTheKeyToTheStart() throws {
        let start = Array(#"{"from_device":"ALICEDEVICE","method":"m.sas.v1"}"#.utf8)
        let commitment = SASCommitment.make(publicKey: bob.publicKey, startContent: start)
        try SASCommitment.check(commitment, publicKey: bob.publicKey, startContent: start)
        #expect(throws: SASError.mismatchedCommitment) {
            try SASCommitment.check(commitment, publicKey: alice.publicKey, startContent: start)
        }
        #expect(throws: SASError.mismatchedCommitment) {
            try SASCommitment.check(commitment, publicKey: bob.publicKey, startContent: start + [0x20])
        }
    }

    @Test(arguments: ["", "AAAA", "not base64!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"])
    func keysThatProveNothingAreRefused(key: String) {
        #expect(throws: SASError.invalidKey) { try alice.agree(with: key) }
    }
}
