import Megolm
import Primitives
import RandomJSON

/// Chance that can be repeated from a seed.
func seeded(_ seed: UInt64) -> RandomSource {
    RandomSource { count in
        var generator = SeededGenerator(seed: seed &+ UInt64(count))
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
}

/// An export of zeros whose ratchet stands at `index`.
func export(at index: UInt32, signingKey: [UInt8] = [UInt8](repeating: 7, count: 32)) throws -> ExportedSessionKey {
    let number = stride(from: UInt32(24), through: 0, by: -8).map { UInt8(truncatingIfNeeded: index >> $0) }
    return try ExportedSessionKey([1] + number + [UInt8](repeating: 0, count: 128) + signingKey)
}
