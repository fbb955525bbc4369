import CanonicalJSON
import CrossSigning
import Primitives
import Testing
import UnpaddedBase64

struct SignedJSONTests {
    private let pair = Ed25519KeyPair(
        seed: UnpaddedBase64.decode("YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1")!)!

    /// https://spec.matrix.org/v1.19/appendices/#json-signing
    @Test func vectorsOfTheSpecification() {
        var empty: JSONObject = [:]
        SignedJSON.sign(&empty, userID: "domain", keyID: "ed25519:1", with: pair)
        #expect(
            empty == [
                "signatures": [
                    "domain": [
                        "ed25519:1":
                            "K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ"
                    ]
                ]
            ])
        var two: JSONObject = ["one": 1, "two": "Two"]
        SignedJSON.sign(&two, userID: "domain", keyID: "ed25519:1", with: pair)
        #expect(
            two["signatures"] == [
                "domain": [
                    "ed25519:1":
                        "KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw"
                ]
            ])
    }

    @Test func aSignatureIsOfOneUserOneKeyAndOneText() {
        var object: JSONObject = ["a": 1, "unsigned": ["b": 2]]
        SignedJSON.sign(&object, userID: "@a:x", keyID: "ed25519:D", with: pair)
        func isSigned(_ object: JSONObject, _ userID: String = "@a:x", _ keyID: String = "ed25519:D") -> Bool {
            SignedJSON.isSigned(object, userID: userID, keyID: keyID, by: pair.publicKey)
        }
        #expect(isSigned(object))
        var changed = object
        changed["unsigned"] = nil
        #expect(isSigned(changed))
        changed["a"] = 2
        #expect(!isSigned(changed))
        #expect(!isSigned(object, "@b:x"))
        #expect(!isSigned(object, "@a:x", "ed25519:E"))
        let other = Ed25519KeyPair(seed: Array(0..<32))!.publicKey
        #expect(!SignedJSON.isSigned(object, userID: "@a:x", keyID: "ed25519:D", by: other))
    }

    @Test func whatHasNoCanonicalFormIsNotSigned() {
        var object: JSONObject = ["a": .number(literal: "1.5")]
        #expect(!SignedJSON.sign(&object, userID: "@a:x", keyID: "ed25519:D", with: pair))
        #expect(object["signatures"] == nil)
        object["signatures"] = ["@a:x": ["ed25519:D": "AAAA"]]
        #expect(!SignedJSON.isSigned(object, userID: "@a:x", keyID: "ed25519:D", by: pair.publicKey))
    }
}
