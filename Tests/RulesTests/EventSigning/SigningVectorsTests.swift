import CanonicalJSON
import MatrixIdentifiers
import Rules
import Testing
import UnpaddedBase64

/// https://spec.matrix.org/v1.19/appendices/#cryptographic-test-vectors
struct SigningVectorsTests {
    private let serverName = ServerName("domain")!
    private let key: SigningKey

    init() throws {
        let seed = try #require(UnpaddedBase64.decode("YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1"))
        key = try SigningKey(seed: seed, version: "1")
        #expect(key.keyID == "ed25519:1")
        #expect(key.seed == seed)
    }

    private func object(_ text: String) throws -> JSONObject {
        try #require(try JSONParser.parse(text).objectValue)
    }

    private func signature(of object: JSONObject) -> String? {
        object["signatures"]?.objectValue?["domain"]?.objectValue?["ed25519:1"]?.stringValue
    }

    @Test(arguments: [
        ("{}", "K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ"),
        (
            #"{"one": 1, "two": "Two"}"#,
            "KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw"
        ),
    ])
    func signingJSON(text: String, expected: String) throws {
        let signed = try JSONSigning.sign(try object(text), serverName: serverName, key: key)
        #expect(signature(of: signed) == expected)
        let verifyKey = try #require(VerifyKey(publicKey: key.publicKey))
        try JSONSigning.verify(signed, serverName: serverName, keyID: key.keyID, key: verifyKey)
    }

    /// The vectors are events of room version 1, whose redaction keeps `origin`. So they are redacted by hand here;
    /// hash and signature are ours.
    private func signEvent(_ text: String, redactedContent: JSONObject) throws -> JSONObject {
        var event = try object(text)
        event["hashes"] = ["sha256": .string(UnpaddedBase64.encode(try EventHash.contentHash(of: event)))]
        var redacted = event
        redacted["content"] = .object(redactedContent)
        event["signatures"] = try JSONSigning.sign(redacted, serverName: serverName, key: key)["signatures"]
        return event
    }

    @Test func signingAMinimalEvent() throws {
        let signed = try signEvent(
            """
            {"room_id": "!x:domain", "sender": "@a:domain", "origin": "domain", "origin_server_ts": 1000000,
             "signatures": {}, "hashes": {}, "type": "X", "content": {}, "prev_events": [], "auth_events": [],
             "depth": 3, "unsigned": {"age_ts": 1000000}}
            """, redactedContent: [:])
        #expect(signed["hashes"] == ["sha256": "5jM4wQpv6lnBo7CLIghJuHdW+s2CMBJPUOGOC89ncos"])
        #expect(
            signature(of: signed)
                == "KxwGjPSDEtvnFgU00fwFz+l6d2pJM6XBIaMEn81SXPTRl16AqLAYqfIReFGZlHi5KLjAWbOoMszkwsQma+lYAg")
    }

    @Test func signingAnEventWithRedactableContent() throws {
        let signed = try signEvent(
            """
            {"content": {"body": "Here is the message content"}, "event_id": "$0:domain", "origin": "domain",
             "origin_server_ts": 1000000, "type": "m.room.message", "room_id": "!r:domain", "sender": "@u:domain",
             "signatures": {}, "unsigned": {"age_ts": 1000000}}
            """, redactedContent: [:])
        #expect(signed["hashes"] == ["sha256": "onLKD1bGljeBWQhWZ1kaP9SorVmRQNdN5aM2JYU2n/g"])
        #expect(
            signature(of: signed)
                == "Wm+VzmOUOz08Ds+0NTWb1d4CZrVsJSikkeRxh6aCcUwu6pNC78FunoD7KNWzqFn241eYHYMGCA5McEiVPdhzBA")
    }
}
