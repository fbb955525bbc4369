extension JSONValue {
    /// Canonical JSON: sorted keys, no white space, shortest escapes, integers only.
    ///
    /// https://spec.matrix.org/v1.19/appendices/#canonical-json
    public func canonicalBytes() throws(JSONError) -> [UInt8] {
        var output: [UInt8] = []
        try write(to: &output, canonical: true)
        return output
    }

    /// The same form as canonical JSON, but fractions and large numbers stay as they were written.
    public func bytes() -> [UInt8] {
        var output: [UInt8] = []
        write(to: &output)
        return output
    }

    /// Appends what ``bytes()`` answers.
    public func write(to output: inout [UInt8]) {
        do throws(JSONError) {
            try write(to: &output, canonical: false)
        } catch {
            preconditionFailure("only canonical encoding refuses a value")
        }
    }

    private func write(to output: inout [UInt8], canonical: Bool) throws(JSONError) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): output.append(contentsOf: String(value).utf8)
        case .number(let literal):
            guard !canonical else {
                throw JSONError(
                    .numberNotCanonical,
                    "\(String(literal.unicodeScalars.prefix(40))) is not an integer in [-(2^53)+1, 2^53-1]")
            }
            output.append(contentsOf: literal.utf8)
        case .string(let value): JSONString.write(value, to: &output)
        case .array(let values):
            output.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                try value.write(to: &output, canonical: canonical)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            output.append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                JSONString.write(member.key, to: &output)
                output.append(UInt8(ascii: ":"))
                try member.value.write(to: &output, canonical: canonical)
            }
            output.append(UInt8(ascii: "}"))
        }
    }
}

extension JSONObject {
    /// See ``JSONValue/canonicalBytes()``.
    public func canonicalBytes() throws(JSONError) -> [UInt8] { try JSONValue.object(self).canonicalBytes() }
    /// See ``JSONValue/bytes()``.
    public func bytes() -> [UInt8] { JSONValue.object(self).bytes() }
}

/// Writes single strings, for whoever composes JSON from parts that are ready as bytes.
public enum JSONString {
    /// Appends `text` in quotes with the shortest escapes that canonical JSON asks for.
    public static func write(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        let copied: Void? = text.utf8.withContiguousStorageIfAvailable { bytes in
            if bytes.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) {
                for byte in bytes { writeEscaped(byte, to: &output) }
            } else {
                output.append(contentsOf: bytes)
            }
        }
        if copied == nil { for byte in text.utf8 { writeEscaped(byte, to: &output) } }
        output.append(UInt8(ascii: "\""))
    }

    private static func writeEscaped(_ byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case 0x22: output.append(contentsOf: [0x5C, 0x22])
        case 0x5C: output.append(contentsOf: [0x5C, 0x5C])
        case 0x08: output.append(contentsOf: [0x5C, UInt8(ascii: "b")])
        case 0x09: output.append(contentsOf: [0x5C, UInt8(ascii: "t")])
        case 0x0A: output.append(contentsOf: [0x5C, UInt8(ascii: "n")])
        case 0x0C: output.append(contentsOf: [0x5C, UInt8(ascii: "f")])
        case 0x0D: output.append(contentsOf: [0x5C, UInt8(ascii: "r")])
        case 0..<0x20:
            let digits = Array("0123456789abcdef".utf8)
            output.append(contentsOf: "\\u00".utf8)
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 15)])
        default: output.append(byte)
        }
    }
}
