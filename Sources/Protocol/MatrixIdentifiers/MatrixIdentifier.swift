/// An identifier of the specification's common grammar, compared by its bytes.
///
/// https://spec.matrix.org/v1.19/appendices/#identifier-grammar
public protocol MatrixIdentifier: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The whole identifier, sigil included.
    var string: String { get }
    /// Nil when `string` does not follow the grammar.
    init?(_ string: String)
}

extension MatrixIdentifier {
    /// The longest identifier, in bytes, sigil and server name included.
    public static var maximumByteCount: Int { 255 }

    public var description: String { string }

    public static func == (left: Self, right: Self) -> Bool {
        ByteExactString(left.string) == ByteExactString(right.string)
    }

    public func hash(into hasher: inout Hasher) { ByteExactString(string).hash(into: &hasher) }

    public static func < (left: Self, right: Self) -> Bool {
        ByteExactString(left.string) < ByteExactString(right.string)
    }
}
