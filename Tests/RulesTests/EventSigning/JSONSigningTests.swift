import CanonicalJSON
import MatrixIdentifiers
import Rules
import Testing

struct JSONSigningTests {
    private let serverName = ServerName("example.org")!
    private let key = SigningKey.generate(version: "a_1")

    private func failure(
        _ object: JSONObject, keyID: String = "ed25519:a_1", key: SigningKey? = nil, serverName: String = "example.org"
    ) -> SigningError.Code? {
        let verifyKey = VerifyKey(publicKey: (key ?? self.key).publicKey)!
        do throws(SigningError) {
            try JSONSigning.verify(object, serverName: ServerName(serverName)!, keyID: keyID, key: verifyKey)
            return nil
        } catch { return error.code }
    }

    @Test func signaturesOfOthersAndUnsignedStay() throws {
        let other = SigningKey.generate(version: "b")
        let object: JSONObject = ["a": 1, "unsigned": ["age": 5]]
        let once = try JSONSigning.sign(object, serverName: ServerName("other.org")!, key: other)
        let twice = try JSONSigning.sign(once, serverName: serverName, key: key)
        #expect(twice["unsigned"] == ["age": 5])
        #expect(failure(twice) == nil)
        #expect(failure(twice, keyID: "ed25519:b", key: other, serverName: "other.org") == nil)
        var later = twice
        later["unsigned"] = ["age": 6]
        #expect(failure(later) == nil, "unsigned is not covered")
    }

    @Test func whatIsNotSignedSoIsRefused() throws {
        let signed = try JSONSigning.sign(["a": 1], serverName: serverName, key: key)
        var changed = signed
        changed["a"] = 2
        #expect(failure(changed) == .invalidSignature)
        #expect(failure(signed, key: .generate(version: "a_1")) == .invalidSignature)
        #expect(failure(signed, keyID: "ed25519:other") == .missingSignature)
        #expect(failure(signed, serverName: "other.org") == .missingSignature)
        #expect(failure(["a": 1]) == .missingSignature)
        #expect(failure(["signatures": ["example.org": ["rsa:a_1": "AAAA"]]], keyID: "rsa:a_1") == .missingSignature)
        for text in ["", "AAAA", "not base64!"] {
            #expect(failure(["signatures": ["example.org": ["ed25519:a_1": .string(text)]]]) == .malformedSignature)
        }
        var withFraction = signed
        withFraction["b"] = .number(literal: "1.5")
        #expect(failure(withFraction) == .notCanonical)
    }

    @Test func keysAreMadeFrom32BytesAndAPlainVersion() {
        #expect(throws: SigningError.self) { try SigningKey(seed: Array(repeating: 1, count: 31), version: "1") }
        for version in ["", "a b", "a\"", "a:b", "é"] {
            #expect(throws: SigningError.self) {
                try SigningKey(seed: Array(repeating: 1, count: 32), version: version)
            }
        }
        #expect(VerifyKey(publicKey: Array(repeating: 1, count: 31)) == nil)
        #expect(SigningKey.generate(version: "a").seed != SigningKey.generate(version: "a").seed)
    }
}
