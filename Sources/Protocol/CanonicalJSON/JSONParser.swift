/// Parses RFC 8259 text in UTF-8: strict, bounded in depth, and refusing what its readers would not agree on
/// (duplicate keys, lone surrogates).
public struct JSONParser {
    /// Arrays and objects within each other; more is an attack on the stack of whoever reads it.
    public static let maximumDepth = 100

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var depth = 0

    /// Parses one value that fills the input but for white space.
    public static func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes: bytes)
        parser.skipWhitespace()
        let value = try parser.parseValue()
        parser.skipWhitespace()
        guard parser.position == bytes.count else { throw parser.syntaxError("unexpected text after the value") }
        return value
    }

    public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        let result = bytes.withUnsafeBufferPointer { buffer -> Result<JSONValue, JSONError> in
            do throws(JSONError) { return .success(try parse(buffer)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    public static func parse(_ text: String) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8))
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private func syntaxError(_ reason: String) -> JSONError { JSONError(.syntax, at: position, reason) }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func parseValue() throws(JSONError) -> JSONValue {
        guard let first = current else { throw syntaxError("unexpected end") }
        switch first {
        case UInt8(ascii: "{"): return .object(try parseObject())
        case UInt8(ascii: "["): return .array(try parseArray())
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): try expect("true"); return .bool(true)
        case UInt8(ascii: "f"): try expect("false"); return .bool(false)
        case UInt8(ascii: "n"): try expect("null"); return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw syntaxError("unexpected character")
        }
    }

    private mutating func expect(_ word: StaticString) throws(JSONError) {
        let count = word.utf8CodeUnitCount
        guard position + count <= bytes.count else { throw syntaxError("unexpected end") }
        for index in 0..<count where bytes[position + index] != word.utf8Start[index] {
            throw syntaxError("unexpected word")
        }
        position += count
    }

    private mutating func enter() throws(JSONError) {
        depth += 1
        guard depth <= Self.maximumDepth else {
            throw JSONError(.tooDeep, at: position, "nested deeper than \(Self.maximumDepth) levels")
        }
        position += 1
        skipWhitespace()
    }

    private mutating func parseObject() throws(JSONError) -> JSONObject {
        try enter()
        defer { depth -= 1 }
        var object = JSONObject()
        if current == UInt8(ascii: "}") { position += 1; return object }
        while true {
            guard current == UInt8(ascii: "\"") else { throw syntaxError("expected a key") }
            let keyPosition = position
            let key = try parseString()
            skipWhitespace()
            guard current == UInt8(ascii: ":") else { throw syntaxError("expected ':'") }
            position += 1
            skipWhitespace()
            guard object.insertIfAbsent(key, try parseValue()) else {
                throw JSONError(.duplicateKey, at: keyPosition, "an object has the same key twice")
            }
            if try endOfList(closing: UInt8(ascii: "}")) { return object }
        }
    }

    private mutating func parseArray() throws(JSONError) -> [JSONValue] {
        try enter()
        defer { depth -= 1 }
        var values: [JSONValue] = []
        if current == UInt8(ascii: "]") { position += 1; return values }
        while true {
            values.append(try parseValue())
            if try endOfList(closing: UInt8(ascii: "]")) { return values }
        }
    }

    /// Reads a comma (and answers false) or the closing character (true).
    private mutating func endOfList(closing: UInt8) throws(JSONError) -> Bool {
        skipWhitespace()
        switch current {
        case UInt8(ascii: ","):
            position += 1
            skipWhitespace()
            return false
        case closing:
            position += 1
            return true
        default:
            throw syntaxError("expected ',' or the end of the list")
        }
    }

    // MARK: Numbers

    private mutating func parseNumber() throws(JSONError) -> JSONValue {
        let start = position
        let isNegative = current == UInt8(ascii: "-")
        if isNegative { position += 1 }
        guard let first = current, isDigit(first) else { throw syntaxError("expected a digit") }
        var magnitude: Int64? = 0
        if first == UInt8(ascii: "0") {
            position += 1
            if let next = current, isDigit(next) { throw syntaxError("a number has a leading zero") }
        } else {
            magnitude = try parseDigits()
        }
        var isInteger = true
        if current == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            _ = try parseDigits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            _ = try parseDigits()
        }
        if isInteger, let magnitude, !(isNegative && magnitude == 0) {
            let value = isNegative ? -magnitude : magnitude
            if JSONValue.integerRange.contains(value) { return .integer(value) }
        }
        return .number(literal: String(decoding: bytes[start..<position], as: UTF8.self))
    }

    /// At least one digit; nil when the digits are more than 18, which no canonical integer has.
    private mutating func parseDigits() throws(JSONError) -> Int64? {
        let start = position
        var value: Int64 = 0
        while let digit = current, isDigit(digit) {
            if position - start < 18 { value = value * 10 + Int64(digit - UInt8(ascii: "0")) }
            position += 1
        }
        guard position > start else { throw syntaxError("expected a digit") }
        return position - start <= 18 ? value : nil
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    // MARK: Strings

    private mutating func parseString() throws(JSONError) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let text = try decode(UnsafeBufferPointer(rebasing: bytes[start..<position]), at: start)
                position += 1
                return text
            case UInt8(ascii: "\\"):
                return try parseEscapedString(from: start)
            case 0..<0x20:
                throw syntaxError("a control character stands unescaped in a string")
            default:
                position += 1
            }
        }
        throw syntaxError("a string does not end")
    }

    /// The slow path, from the first backslash on.
    private mutating func parseEscapedString(from start: Int) throws(JSONError) -> String {
        var unescaped = Array(bytes[start..<position])
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                let end = position
                let result = unescaped.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) }
                guard let result else { throw JSONError(.invalidUTF8, at: end, "a string is not UTF-8") }
                return result
            case UInt8(ascii: "\\"):
                position += 1
                try parseEscape(into: &unescaped)
            case 0..<0x20:
                throw syntaxError("a control character stands unescaped in a string")
            default:
                unescaped.append(byte)
                position += 1
            }
        }
        throw syntaxError("a string does not end")
    }

    private mutating func parseEscape(into output: inout [UInt8]) throws(JSONError) {
        guard let letter = current else { throw syntaxError("a string does not end") }
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(letter)
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"): output.append(contentsOf: UTF8.encode(try parseUnicodeEscape())!)
        default: throw syntaxError("unknown escape")
        }
    }

    private mutating func parseUnicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let start = position
        let first = try parseFourHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw JSONError(.loneSurrogate, at: start, "half a surrogate pair") }
        position += 2
        let second = try parseFourHexDigits()
        guard 0xDC00...0xDFFF ~= second,
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw JSONError(.loneSurrogate, at: start, "half a surrogate pair") }
        return scalar
    }

    private mutating func parseFourHexDigits() throws(JSONError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw syntaxError("unexpected end") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = bytes[position]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw syntaxError("expected a hexadecimal digit")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private func decode(_ slice: UnsafeBufferPointer<UInt8>, at offset: Int) throws(JSONError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw JSONError(.invalidUTF8, at: offset, "a string is not UTF-8")
        }
        return text
    }
}
