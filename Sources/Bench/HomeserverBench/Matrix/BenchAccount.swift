/// A user that the benchmark registers.
package struct BenchAccount: Sendable, Equatable {
    package let localpart: String
    package let password: String
}

/// The names of one run, all derived from its seed: the same seed gives the same users.
package struct RunNames: Sendable, Equatable {
    /// Eight characters that no other seed is likely to give.
    package let run: String
    private let password: String

    package init(seed: UInt64) {
        var generator = SplitMix64(state: seed)
        run = Self.word(of: 8, from: &generator)
        password = Self.word(of: 24, from: &generator)
    }

    package func account(_ number: Int) -> BenchAccount {
        BenchAccount(localpart: "bench-\(run)-\(number)", password: "\(password)-\(number)")
    }

    private static func word(of length: Int, from generator: inout some RandomNumberGenerator) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        let bytes = (0..<length).map { _ in alphabet[Int(generator.next() >> 59)] }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The generator of Steele, Lea and Flood: small, and the same on every platform. Not for secrets that matter; these
/// users hold nothing.
package struct SplitMix64: RandomNumberGenerator {
    package var state: UInt64

    package init(state: UInt64) { self.state = state }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
