/// Takes bytes from the front, never more than there are.
package struct ByteReader {
    private let bytes: [UInt8]
    private var position = 0

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package var isAtEnd: Bool { position == bytes.count }

    package mutating func byte() throws(MalformedBytes) -> UInt8 {
        guard position < bytes.count else { throw MalformedBytes() }
        defer { position += 1 }
        return bytes[position]
    }

    /// The next `count` bytes.
    package mutating func bytes(_ count: Int) throws(MalformedBytes) -> [UInt8] {
        guard count >= 0, count <= bytes.count - position else { throw MalformedBytes() }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    package mutating func number32() throws(MalformedBytes) -> UInt32 {
        var number: UInt32 = 0
        for byte in try bytes(4) { number = number << 8 | UInt32(byte) }
        return number
    }

    package mutating func number64() throws(MalformedBytes) -> UInt64 {
        var number: UInt64 = 0
        for byte in try bytes(8) { number = number << 8 | UInt64(byte) }
        return number
    }

    /// A byte that is 0 or 1.
    package mutating func flag() throws(MalformedBytes) -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        default: throw MalformedBytes()
        }
    }

    /// Whatever follows is not meant to be there.
    package func end() throws(MalformedBytes) {
        guard isAtEnd else { throw MalformedBytes() }
    }
}
