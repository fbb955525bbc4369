import CanonicalJSON
import Testing

struct JSONParserTests {
    private func code(of bytes: [UInt8]) -> JSONError.Code? {
        do throws(JSONError) {
            _ = try JSONParser.parse(bytes)
            return nil
        } catch { return error.code }
    }

    @Test(arguments: [
        "", " ", "{", "}", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:1}", "tru", "nul",
        "True", "\"", "\"a", "'a'", "01", "-", "-01", "1.", ".5", "1e", "1e+", "+1", "0x1", "NaN", "Infinity", "[1]x",
        "{} {}", "\"\t\"", "\"\n\"", "\"\u{0}\"", #""\x""#, #""\u12""#, #""\u12g4""#, "// c\n1", "\u{FEFF}1",
        "[1\u{A0}]",
    ])
    func textThatIsNotJSONIsRefused(text: String) {
        #expect(code(of: Array(text.utf8)) == .syntax)
    }

    private static let values: [(String, JSONValue)] = [
        ("1.5", JSONValue.number(literal: "1.5")), ("-1.5e-3", .number(literal: "-1.5e-3")), ("0", .integer(0)),
        ("-1", .integer(-1)),
        (" true ", .bool(true)), ("\r\n\t[ ]", JSONValue.array([])), ("{ }", .object([:])),
        (#""\/\b\f\n\r\t\"\\""#, .string("/\u{8}\u{C}\n\r\t\"\\")),
        (#""\ud83d\ude00\u0000""#, .string("😀\u{0}")),
        ("123456789012345678901", .number(literal: "123456789012345678901")),
    ]

    @Test(arguments: values)
    func textBecomesItsValue(text: String, value: JSONValue) throws {
        #expect(try JSONParser.parse(text) == value)
    }

    @Test(arguments: [#"{"a":1,"a":1}"#, #"{"a":1,"b":2,"a":3}"#, #"{"a":1,"\u0061":2}"#, #"{"x":{"a":1,"a":2}}"#])
    func aKeyThatStandsTwiceIsRefused(text: String) {
        #expect(code(of: Array(text.utf8)) == .duplicateKey)
    }

    @Test func canonicallyEquivalentKeysStayTwo() throws {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        #expect(composed == decomposed, "Swift takes them for one, which is what this test is about")
        let value = try JSONParser.parse(#"{"\#(composed)":1,"\#(decomposed)":2}"#)
        #expect(value.objectValue?.count == 2)
        #expect(value.objectValue?[composed] == 1)
        #expect(value.objectValue?[decomposed] == 2)
        #expect(JSONValue.string(composed) != JSONValue.string(decomposed))
    }

    @Test(arguments: [
        #""\ud83d""#, #""\ude00""#, #""\ud83dx""#, #""\ud83d\u0041""#, #""\ude00\ud83d""#, #""\ud83d\n""#,
    ])
    func halfASurrogatePairIsRefused(text: String) {
        #expect(code(of: Array(text.utf8)) == .loneSurrogate)
    }

    @Test(arguments: [
        [0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0xFF], [0x5C, 0x6E, 0xFF],
    ])
    func bytesThatAreNotUTF8AreRefused(bytes: [UInt8]) {
        #expect(code(of: [0x22] + bytes + [0x22]) == .invalidUTF8)
    }

    @Test(arguments: [("[", "]"), ("{\"a\":", "}")])
    func nestingIsBounded(opening: String, closing: String) {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: opening, count: depth) + "1" + String(repeating: closing, count: depth)).utf8)
        }
        #expect(code(of: nested(JSONParser.maximumDepth)) == nil)
        #expect(code(of: nested(JSONParser.maximumDepth + 1)) == .tooDeep)
        #expect(code(of: Array(String(repeating: opening, count: 1_000_000).utf8)) == .tooDeep)
    }

    @Test func theOffsetOfAnErrorPointsAtIt() throws {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse("[1, x]") }
        #expect(error?.offset == 4)
    }
}

struct JSONObjectTests {
    @Test func membersAreFoundReplacedAndRemoved() {
        var object: JSONObject = ["b": 1, "a": 2]
        #expect(Array(object.keys) == ["a", "b"])
        object["b"] = 3
        object["c"] = 4
        object["a"] = nil
        #expect(object == ["b": 3, "c": 4])
        #expect(object["a"] == nil)
    }

    @Test func keepingTakesOnlyTheNamedKeys() {
        let object: JSONObject = ["a": 1, "b": 2, "c": 3]
        #expect(object.keeping(only: ["c", "a", "z"]) == ["a": 1, "c": 3])
    }
}
