import CanonicalJSON
import RandomJSON
import Testing

/// https://spec.matrix.org/v1.19/appendices/#canonical-json
struct CanonicalEncodingTests {
    /// https://spec.matrix.org/v1.19/appendices/#examples
    @Test(arguments: [
        ("{}", "{}"),
        (#"{ "one": 1, "two": "Two" }"#, #"{"one":1,"two":"Two"}"#),
        (#"{ "b": "2", "a": "1" }"#, #"{"a":"1","b":"2"}"#),
        (#"{"b":"2","a":"1"}"#, #"{"a":"1","b":"2"}"#),
        (
            """
            { "auth": { "success": true, "mxid": "@john.doe:example.com", "profile": { "display_name": "John Doe",
              "three_pids": [ { "medium": "email", "address": "john.doe@example.org" },
                { "medium": "msisdn", "address": "123456789" } ] } } }
            """,
            #"{"auth":{"mxid":"@john.doe:example.com","profile":{"display_name":"John Doe","three_pids":"#
                + #"[{"address":"john.doe@example.org","medium":"email"},"#
                + #"{"address":"123456789","medium":"msisdn"}]},"success":true}}"#
        ),
        (#"{ "a": "日本語" }"#, #"{"a":"日本語"}"#),
        (#"{ "本": 2, "日": 1 }"#, #"{"日":1,"本":2}"#),
        (#"{ "a": "\u65E5" }"#, #"{"a":"日"}"#),
        (#"{ "a": null }"#, #"{"a":null}"#),
    ])
    func examplesOfTheSpecification(input: String, canonical: String) throws {
        #expect(String(decoding: try JSONParser.parse(input).canonicalBytes(), as: UTF8.self) == canonical)
    }

    /// Rule 22: the specification's last example turns `-0` into `0` and `1e10` into digits. Its text says that neither
    /// may appear, and room versions from 6 on are to refuse such events, so we refuse rather than rewrite what was
    /// sent.
    @Test(arguments: ["-0", "1e10", "1.0", "1e3", "0.5", "9007199254740992", "-9007199254740992", "1E400", "-0.0"])
    func numbersThatAreNotCanonicalAreRefused(literal: String) throws {
        let value = try JSONParser.parse("[\(literal)]")
        #expect(value == .array([.number(literal: literal)]))
        #expect(throws: JSONError.self) { try value.canonicalBytes() }
        #expect(value.bytes() == Array("[\(literal)]".utf8), "outside events, numbers stay as they were written")
    }

    /// Rule 22.
    @Test(arguments: [("9007199254740991", 9_007_199_254_740_991), ("-9007199254740991", -9_007_199_254_740_991)])
    func theLargestIntegersAreCanonical(literal: String, value: Int64) throws {
        #expect(try JSONParser.parse(literal) == .integer(value))
        #expect(try JSONValue.integer(value).canonicalBytes() == Array(literal.utf8))
    }

    /// Rule 22.
    @Test func keysStandInCodePointOrderBeyondTheFirstPlane() throws {
        // In UTF-16 the surrogates of U+1F600 would stand before U+FF21.
        let object: JSONObject = ["\u{1F600}": 1, "\u{FF21}": 2, "z": 3, "": 4]
        #expect(String(decoding: try object.canonicalBytes(), as: UTF8.self) == "{\"\":4,\"z\":3,\"Ａ\":2,\"😀\":1}")
    }

    /// Rule 22.
    @Test func everyControlCharacterHasItsShortestEscape() throws {
        let short: [UInt8: String] = [8: "b", 9: "t", 10: "n", 12: "f", 13: "r"]
        for control in UInt8(0)..<0x20 {
            let hexadecimal = String(control, radix: 16)
            let escape = short[control] ?? "u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
            let bytes = try JSONValue.string(String(Unicode.Scalar(control))).canonicalBytes()
            #expect(bytes == Array("\"\\\(escape)\"".utf8))
        }
        #expect(try JSONValue.string("\"\\/\u{7F}").canonicalBytes() == Array("\"\\\"\\\\/\u{7F}\"".utf8))
    }

    @Test func randomValuesSurviveTheRoundTrip() throws {
        var generator = SeededGenerator.fresh()
        for _ in 0..<500 {
            let value = RandomJSON.value(using: &generator)
            let canonical = try value.canonicalBytes()
            #expect(try JSONParser.parse(canonical) == value, "SEED=\(generator.seed)")
            let sloppy = RandomJSON.sloppyText(of: value, using: &generator)
            #expect(try JSONParser.parse(sloppy).canonicalBytes() == canonical, "SEED=\(generator.seed)")
        }
    }
}
