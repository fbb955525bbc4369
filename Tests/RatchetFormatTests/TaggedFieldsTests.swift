import RandomJSON
import RatchetFormat
import Testing

@Suite struct TaggedFieldsTests {
    private func fields(_ bytes: [UInt8]) throws -> TaggedFields {
        try TaggedFields(bytes, in: 0..<bytes.count)
    }

    @Test func writtenAsTheSpecificationSays() throws {
        var writer = TaggedFieldWriter(version: 3, capacity: 16)
        writer.write(300, tag: 0x08)
        writer.write([7, 8, 9], tag: 0x12)
        writer.append([0xff])
        #expect(writer.bytes == [3, 0x08, 0xac, 0x02, 0x12, 3, 7, 8, 9, 0xff])
        let fields = try TaggedFields(writer.bytes, in: 1..<9)
        #expect(try fields.number(0x08) == 300)
        #expect(try fields.string(0x12) == [7, 8, 9])
        #expect(throws: MalformedBytes.self) { try fields.string(0x1A) }
        #expect(throws: MalformedBytes.self) { try fields.number(0x12) }
    }

    @Test func numbersOfAllLengths() throws {
        for shift in 0..<64 {
            for number in [UInt64(1) << UInt64(shift), (UInt64(1) << UInt64(shift)) - 1, .max] {
                var writer = TaggedFieldWriter(version: 3, capacity: 16)
                writer.write(number, tag: 0x10)
                #expect(try TaggedFields(writer.bytes, in: 1..<writer.bytes.count).number(0x10) == number)
            }
        }
    }

    @Test func unknownFieldsAndAnyOrder() throws {
        let fields = try fields([0x12, 1, 5, 0x98, 0x03, 0x01, 0xa2, 0x03, 2, 1, 2, 0x08, 4])
        #expect(try fields.number(0x08) == 4)
        #expect(try fields.string(0x12) == [5])
    }

    @Test(
        arguments: [
            [0x08], [0x08, 0x80], [0x12], [0x12, 2, 1], [0x80],  // Cut off.
            [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],  // A length beyond all memory.
            [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],  // 65 bits.
            [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
            [0x08, 1, 0x08, 1], [0x12, 0, 0x12, 0],  // Twice.
            [0x09, 0], [0x0d, 0, 0, 0, 0], [0x0b], [0x0f],  // Types that there are not.
            (0..<16).flatMap { [UInt8(8 * $0), 0] } + [0x12, 0],  // Too many.
        ] as [[UInt8]])
    func malformedIsRefused(_ bytes: [UInt8]) {
        #expect(throws: MalformedBytes.self) { try fields(bytes) }
    }

    @Test func nonsenseNeverEndsTheProgram() {
        var generator = SeededGenerator.fresh()
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                generator.chance(50)
                    ? [0x08, 0x12, 0x0a, 3, 0x80].randomElement(using: &generator) ?? 0
                    : UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? fields(bytes)
        }
    }

    @Test func readerStopsAtTheEnd() throws {
        var writer = ByteWriter()
        writer.write(0x0102_0304_0506_0708 as UInt64)
        writer.write(0xfffe_fdfc as UInt32)
        writer.write(1 as UInt8)
        #expect(writer.bytes == [1, 2, 3, 4, 5, 6, 7, 8, 0xff, 0xfe, 0xfd, 0xfc, 1])
        var reader = ByteReader(writer.bytes)
        #expect(try reader.number64() == 0x0102_0304_0506_0708)
        #expect(throws: MalformedBytes.self) { try reader.end() }
        #expect(try reader.number32() == 0xfffe_fdfc)
        #expect(try reader.flag())
        try reader.end()
        #expect(throws: MalformedBytes.self) { try reader.byte() }
        #expect(throws: MalformedBytes.self) { try reader.bytes(1) }
        #expect(throws: MalformedBytes.self) { try reader.bytes(-1) }
        #expect(throws: MalformedBytes.self) { try reader.number64() }
        var two = ByteReader([2])
        #expect(throws: MalformedBytes.self) { try two.flag() }
    }
}
