/// Writes the bytes of a record: a version, then fields in their order, numbers big-endian, strings with their length.
struct RecordWriter {
    private(set) var bytes: [UInt8]

    init(version: UInt8) { bytes = [version] }

    mutating func write(_ value: UInt8) { bytes.append(value) }
    mutating func write(_ value: Bool) { bytes.append(value ? 1 : 0) }

    mutating func write(_ value: UInt32) {
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func write(_ value: UInt64) {
        write(UInt32(truncatingIfNeeded: value >> 32))
        write(UInt32(truncatingIfNeeded: value))
    }

    mutating func write(_ value: Int64) { write(UInt64(bitPattern: value)) }

    mutating func write(_ value: [UInt8]) {
        write(UInt32(truncatingIfNeeded: value.count))
        bytes += value
    }

    mutating func write(_ value: String) {
        write(UInt32(truncatingIfNeeded: value.utf8.count))
        bytes += value.utf8
    }

    mutating func write(_ value: String?) {
        write(value != nil)
        if let value { write(value) }
    }

    mutating func write(_ values: [String]) {
        write(UInt32(truncatingIfNeeded: values.count))
        for value in values { write(value) }
    }
}

/// Reads what ``RecordWriter`` has written, and trusts none of it: a disk may have changed it.
struct RecordReader {
    private let bytes: [UInt8]
    private var position = 1

    init(_ bytes: [UInt8], version: UInt8) throws(MachineError) {
        guard bytes.first == version else {
            throw MachineError(.damagedRecord, "a record is of version \(bytes.first ?? 0), not \(version)")
        }
        self.bytes = bytes
    }

    private mutating func take(_ count: Int) throws(MachineError) -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else { throw MachineError(.damagedRecord, "a record is cut short") }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// How many bytes follow; of a number beyond what fits, more than there are.
    private mutating func count() throws(MachineError) -> Int { Int(exactly: try uint32()) ?? .max }

    mutating func uint8() throws(MachineError) -> UInt8 {
        let taken = try take(1)
        return taken[taken.startIndex]
    }

    mutating func bool() throws(MachineError) -> Bool { try uint8() != 0 }

    mutating func uint32() throws(MachineError) -> UInt32 {
        var value: UInt32 = 0
        for byte in try take(4) { value = value << 8 | UInt32(byte) }
        return value
    }

    mutating func uint64() throws(MachineError) -> UInt64 {
        let high = try uint32()
        return UInt64(high) << 32 | UInt64(try uint32())
    }

    mutating func int64() throws(MachineError) -> Int64 { Int64(bitPattern: try uint64()) }

    mutating func byteString() throws(MachineError) -> [UInt8] { Array(try take(try count())) }

    mutating func string() throws(MachineError) -> String {
        String(decoding: try take(try count()), as: UTF8.self)
    }

    mutating func optionalString() throws(MachineError) -> String? { try bool() ? try string() : nil }

    mutating func strings() throws(MachineError) -> [String] {
        let count = try uint32()
        var values: [String] = []
        for _ in 0..<count { values.append(try string()) }
        return values
    }
}

/// The key of a record that is found by several things: each part follows its length, so that the first parts are a
/// prefix that no other record shares.
func recordKey(_ parts: [UInt8]...) -> [UInt8] {
    var key: [UInt8] = []
    for part in parts {
        key.append(UInt8(truncatingIfNeeded: part.count >> 8))
        key.append(UInt8(truncatingIfNeeded: part.count))
        key += part
    }
    return key
}

func recordKey(_ parts: String...) -> [UInt8] {
    var key: [UInt8] = []
    for part in parts {
        key.append(UInt8(truncatingIfNeeded: part.utf8.count >> 8))
        key.append(UInt8(truncatingIfNeeded: part.utf8.count))
        key += part.utf8
    }
    return key
}

/// The parts of a key that ``recordKey(_:)`` made.
func recordKeyParts(_ key: [UInt8]) -> [String] {
    var parts: [String] = []
    var position = 0
    while position + 2 <= key.count {
        let count = Int(key[position]) << 8 | Int(key[position + 1])
        position += 2
        guard position + count <= key.count else { break }
        parts.append(String(decoding: key[position..<position + count], as: UTF8.self))
        position += count
    }
    return parts
}

/// Eight bytes that sort as the number does.
func recordKey(_ number: UInt64) -> [UInt8] {
    var key: [UInt8] = []
    for shift in [56, 48, 40, 32, 24, 16, 8, 0] as [UInt64] { key.append(UInt8(truncatingIfNeeded: number >> shift)) }
    return key
}
