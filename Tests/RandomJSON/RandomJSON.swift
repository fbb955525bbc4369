import CanonicalJSON

/// Random values, and ways to write them that are not canonical.
public enum RandomJSON {
    /// Characters that have been written wrongly before: escapes, controls, the edges of UTF-8's lengths, canonically
    /// equivalent pairs and characters beyond the first plane.
    private static let scalars: [Unicode.Scalar] =
        Array("abcXYZ019 _.-@#!$:\"\\/\n\r\t\u{8}\u{C}\u{0}\u{1}\u{1F}\u{7F}é한글日本".unicodeScalars)
        + ["\u{E9}", "e", "\u{301}", "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "\u{10000}"]
        + ["\u{1F600}", "\u{10FFFF}", "\u{212A}", "\u{2028}", "\u{FEFF}"]

    public static func string(using generator: inout SeededGenerator) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...12, using: &generator) {
            text.append(scalars.randomElement(using: &generator)!)
        }
        return String(text)
    }

    public static func integer(using generator: inout SeededGenerator) -> Int64 {
        let edges = [0, 1, -1, JSONValue.integerRange.lowerBound, JSONValue.integerRange.upperBound]
        return generator.chance(30)
            ? edges.randomElement(using: &generator)! : .random(in: JSONValue.integerRange, using: &generator)
    }

    public static func object(depth: Int = 3, using generator: inout SeededGenerator) -> JSONObject {
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0...6, using: &generator) {
            object[string(using: &generator)] = value(depth: depth, using: &generator)
        }
        return object
    }

    public static func value(depth: Int = 3, using generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &generator) {
        case 0: return .null
        case 1: return .bool(generator.chance(50))
        case 2: return .integer(integer(using: &generator))
        case 3: return .string(string(using: &generator))
        case 4:
            let count = Int.random(in: 0...4, using: &generator)
            return .array((0..<count).map { _ in value(depth: depth - 1, using: &generator) })
        default: return .object(object(depth: depth - 1, using: &generator))
        }
    }

    /// The value with members in any order, spaces where they may stand and needless escapes.
    public static func sloppyText(of value: JSONValue, using generator: inout SeededGenerator) -> String {
        func space() -> String { ["", "", " ", "\n", "\t\r "].randomElement(using: &generator)! }
        switch value {
        case .array(let values):
            let items = values.map { space() + sloppyText(of: $0, using: &generator) + space() }
            return "[" + (items.isEmpty ? space() : items.joined(separator: ",")) + "]"
        case .object(let object):
            let members = object.members.shuffled(using: &generator).map { member in
                space() + sloppyText(of: .string(member.key), using: &generator) + space() + ":" + space()
                    + sloppyText(of: member.value, using: &generator) + space()
            }
            return "{" + (members.isEmpty ? space() : members.joined(separator: ",")) + "}"
        case .string(let string):
            return "\"" + string.unicodeScalars.map { escape($0, using: &generator) }.joined() + "\""
        default:
            return String(decoding: value.bytes(), as: UTF8.self)
        }
    }

    private static func escape(_ scalar: Unicode.Scalar, using generator: inout SeededGenerator) -> String {
        let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
        guard mustEscape || generator.chance(30) else { return String(scalar) }
        return String(scalar).utf16.map { unit in
            let digits = String(unit, radix: 16, uppercase: generator.chance(50))
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }
}
