/// Why bytes are not JSON, or a value is not canonical JSON.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: Sendable {
        /// The bytes do not follow RFC 8259.
        case syntax
        case invalidUTF8
        /// Nesting beyond ``JSONParser/maximumDepth``.
        case tooDeep
        /// One object has a key twice: its readers would not agree on which counts.
        case duplicateKey
        /// A `\u` escape names half of a surrogate pair, which UTF-8 cannot carry.
        case loneSurrogate
        /// A fraction, an exponent, minus zero, or an integer outside [-(2^53)+1, 2^53-1], in canonical JSON.
        case numberNotCanonical
    }

    public let code: Code
    /// Offset in bytes from the beginning of the input; 0 when encoding.
    public let offset: Int
    public let reason: String

    init(_ code: Code, at offset: Int = 0, _ reason: String) {
        self.code = code
        self.offset = offset
        self.reason = reason
    }

    public var description: String { offset > 0 ? "\(reason) at byte \(offset)" : reason }
}
