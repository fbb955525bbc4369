#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An extended POSIX regular expression, as registrations have them, which names must match from their beginning.
///
/// The specification says where the expression comes from and not how much of the name it has to cover. Existing
/// registrations are written for homeservers that hold it against the beginning only: `@_irc_.*` and `@telegram_.+:`
/// mean the same there.
///
/// https://spec.matrix.org/v1.19/application-service-api/#registration
final class NamespacePattern {
    /// Used by `regexec` alone, which POSIX lets several threads call at once with one expression.
    private var expression = regex_t()

    /// - Throws: what is wrong with it, to be read after the expression.
    init(_ text: String) throws(RegistrationFault) {
        guard (1...Self.maximumByteCount).contains(text.utf8.count), !text.utf8.contains(0) else {
            throw RegistrationFault("has not 1 to \(Self.maximumByteCount) bytes")
        }
        if let escape = Self.unknownEscape(in: text) {
            throw RegistrationFault("has \\\(escape), which POSIX does not know; write [0-9] for \\d")
        }
        let code = regcomp(&expression, "^(\(text))", REG_EXTENDED | REG_NOSUB)
        guard code == 0 else {
            var reason = [CChar](repeating: 0, count: 200)
            regerror(code, &expression, &reason, reason.count)
            let message = String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw RegistrationFault("is no POSIX regular expression: \(message)")
        }
    }

    deinit { regfree(&expression) }

    private static let maximumByteCount = 1_000

    func matches(_ name: String) -> Bool { regexec(&expression, name, 0, nil, 0) == 0 }

    /// A letter or digit with a backslash that means something in other languages' expressions and that the library
    /// would take for the letter itself.
    private static func unknownEscape(in text: String) -> Character? {
        var isEscaped = false
        for character in text {
            if isEscaped, character.isLetter || character.isNumber, !"wWsSbB".contains(character) { return character }
            isEscaped = character == "\\" && !isEscaped
        }
        return nil
    }
}

/// The expression is compiled once and from then on only read.
extension NamespacePattern: @unchecked Sendable {}

/// What is wrong with a registration.
public struct RegistrationFault: Error, Sendable, CustomStringConvertible {
    public let reason: String

    public init(_ reason: String) { self.reason = reason }

    public var description: String { reason }
}
