/// Writes the key-value pairs of Olm's and Megolm's payloads.
///
/// https://spec.matrix.org/v1.19/olm-megolm/olm/#normal-messages
package struct TaggedFieldWriter {
    package private(set) var bytes: [UInt8]

    /// - Parameter version: the byte that precedes the payload.
    package init(version: UInt8, capacity: Int) {
        bytes = []
        bytes.reserveCapacity(capacity)
        bytes.append(version)
    }

    package mutating func write(_ number: UInt64, tag: UInt8) {
        bytes.append(tag)
        writeVariableLength(number)
    }

    package mutating func write(_ string: [UInt8], tag: UInt8) {
        bytes.append(tag)
        writeVariableLength(UInt64(string.count))
        bytes += string
    }

    /// What follows the payload: a code or a signature.
    package mutating func append(_ trailer: [UInt8]) {
        bytes += trailer
    }

    private mutating func writeVariableLength(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// Reads the key-value pairs of a payload, in any order, and skips those with tags that it does not know.
///
/// Stricter than others where no implementation writes otherwise: a field that is asked for stands there once, numbers
/// have at most 64 bits, and the pairs end exactly where the payload does.
package struct TaggedFields {
    /// The bytes of one field's string.
    package typealias Span = Range<Int>

    private var numbers: [(tag: UInt64, value: UInt64)] = []
    private var strings: [(tag: UInt64, span: Span)] = []
    private let bytes: [UInt8]

    /// - Parameter payload: which of `bytes` are the payload.
    package init(_ bytes: [UInt8], in payload: Range<Int>) throws(MalformedBytes) {
        self.bytes = bytes
        var position = payload.lowerBound
        while position < payload.upperBound {
            let tag = try Self.number(bytes, &position, payload.upperBound)
            switch tag & 7 {
            case 0:
                let value = try Self.number(bytes, &position, payload.upperBound)
                guard !numbers.contains(where: { $0.tag == tag }) else { throw MalformedBytes() }
                numbers.append((tag, value))
            case 2:
                let count = try Self.number(bytes, &position, payload.upperBound)
                guard count <= UInt64(payload.upperBound - position) else { throw MalformedBytes() }
                let span = position..<position + Int(count)
                guard !strings.contains(where: { $0.tag == tag }) else { throw MalformedBytes() }
                strings.append((tag, span))
                position = span.upperBound
            default:
                throw MalformedBytes()
            }
            guard numbers.count + strings.count <= Self.maximumCount else { throw MalformedBytes() }
        }
    }

    /// More pairs than a version to come could have; a bound on what a hostile payload costs.
    private static let maximumCount = 16

    package func number(_ tag: UInt64) throws(MalformedBytes) -> UInt64 {
        for number in numbers where number.tag == tag { return number.value }
        throw MalformedBytes()
    }

    package func span(_ tag: UInt64) throws(MalformedBytes) -> Span {
        for string in strings where string.tag == tag { return string.span }
        throw MalformedBytes()
    }

    package func string(_ tag: UInt64) throws(MalformedBytes) -> [UInt8] {
        Array(bytes[try span(tag)])
    }

    private static func number(
        _ bytes: [UInt8], _ position: inout Int, _ end: Int
    ) throws(MalformedBytes) -> UInt64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = bytes[position]
            position += 1
            // The tenth byte holds the 64th bit and no more.
            guard shift < 63 || byte <= 1 else { throw MalformedBytes() }
            number |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
        throw MalformedBytes()
    }
}
