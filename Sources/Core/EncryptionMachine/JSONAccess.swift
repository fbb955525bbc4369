import CanonicalJSON

extension JSONObject {
    func string(_ key: String) -> String? { self[key]?.stringValue }
    func object(_ key: String) -> JSONObject? { self[key]?.objectValue }

    /// Parses bytes that must be an object.
    static func parse(_ bytes: [UInt8]) -> JSONObject? {
        do { return try JSONParser.parse(bytes).objectValue } catch { return nil }
    }
}

extension String {
    var bytes: [UInt8] { Array(utf8) }
}

/// Whether a text can be an identifier that is stored: not empty, at most 255 bytes.
func isIdentifier(_ text: String) -> Bool { (1...255).contains(text.utf8.count) }

func contains(_ texts: [String], _ text: String) -> Bool {
    for candidate in texts where utf8Equal(candidate, text) { return true }
    return false
}

/// Adds a text unless it is there.
func insert(_ text: String, into texts: inout [String]) {
    if !contains(texts, text) { texts.append(text) }
}

/// Escapes whatever is not unreserved, for one component of a path.
///
/// https://www.rfc-editor.org/rfc/rfc3986#section-2.3
func percentEncoded(_ text: String) -> String {
    let digits = "0123456789ABCDEF".bytes
    var output: [UInt8] = []
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            output.append(byte)
        default: output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
    return String(decoding: output, as: UTF8.self)
}
