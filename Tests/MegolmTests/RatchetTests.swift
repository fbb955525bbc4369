import Megolm
import Primitives
import RandomJSON
import Testing

/// The ratchet, seen through exports, against the specification's definition written out naively.
///
/// https://spec.matrix.org/v1.19/olm-megolm/megolm/#the-megolm-ratchet-algorithm
@Suite struct RatchetTests {
    /// R(i) by the definition's own words, one index after the other.
    private func defined(_ ratchet: [[UInt8]], at index: UInt32) -> [[UInt8]] {
        func hash(_ part: Int, _ key: [UInt8]) -> [UInt8] { HMACSHA256.authenticate([UInt8(part)], key: key) }
        let period: [UInt32] = [1 << 24, 1 << 16, 1 << 8, 1]
        return (0..<4).map { part in
            for source in 0...part where index % period[source] == 0 { return hash(part, ratchet[source]) }
            return ratchet[part]
        }
    }

    private func parts(_ export: ExportedSessionKey) -> [[UInt8]] {
        (0..<4).map { Array(export.bytes[5 + 32 * $0..<37 + 32 * $0]) }
    }

    @Test(arguments: [0, 250, 65_500, 0x00FF_FFF0, 0xFFFF_FF00] as [UInt32])
    func turnsAsDefined(start: UInt32) throws {
        let session = InboundGroupSession(try export(at: start))
        var expected = parts(session.export())
        for step in 1...(start == 0 ? 1_000 : 40) as ClosedRange<UInt32> where start <= .max - step {
            expected = defined(expected, at: start + step)
            #expect(parts(try #require(session.export(at: start + step))) == expected)
        }
    }

    /// Jumps meet at the same ratchet, whichever way they went.
    @Test func jumpsMeet() throws {
        var generator = SeededGenerator.fresh()
        for _ in 0..<20 {
            let indices = (0..<3).map { _ in
                UInt32.random(in: 0...UInt32.max, using: &generator) >> UInt32.random(in: 0...24, using: &generator)
            }.sorted()
            let first = InboundGroupSession(try export(at: indices[0]))
            let direct = try #require(first.export(at: indices[2]))
            let middle = InboundGroupSession(try #require(first.export(at: indices[1])))
            #expect(
                try #require(middle.export(at: indices[2])).bytes == direct.bytes, "seed \(generator.seed) \(indices)")
        }
    }
}
