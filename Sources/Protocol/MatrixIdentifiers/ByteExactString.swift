import CanonicalJSON

/// A string that is equal to another only when the bytes are: a key in dictionaries of what strangers send.
///
/// `String` itself treats canonically equivalent texts as one, so two state keys of a room could collide.
public struct ByteExactString: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let string: String

    public init(_ string: String) { self.string = string }

    public var description: String { string }

    public static func == (left: Self, right: Self) -> Bool {
        utf8Equal(left.string, right.string)
    }

    public func hash(into hasher: inout Hasher) {
        let combined: Void? = string.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if combined == nil { for byte in string.utf8 { hasher.combine(byte) } }
        hasher.combine(string.utf8.count)
    }

    public static func < (left: Self, right: Self) -> Bool {
        utf8Precedes(left.string, right.string)
    }
}
