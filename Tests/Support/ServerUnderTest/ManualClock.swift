import RandomJSON
import ServerEnvironment
import Synchronization

/// A time that passes when the test says so.
public final class ManualClock: Sendable {
    private let milliseconds: Mutex<Int64>

    public init(_ milliseconds: Int64 = 1_800_000_000_000) { self.milliseconds = Mutex(milliseconds) }

    public var now: Int64 { milliseconds.withLock { $0 } }

    public func advance(milliseconds difference: Int64) { milliseconds.withLock { $0 += difference } }
}

/// Random bytes that come again with the same seed, for several threads.
public final class SeededBytes: Sendable {
    private let generator: Mutex<SeededGenerator>

    public init(seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

    public func next(_ count: Int) -> [UInt8] {
        generator.withLock { generator in
            var bytes: [UInt8] = []
            for _ in 0..<count { bytes.append(UInt8.random(in: 0...255, using: &generator)) }
            return bytes
        }
    }
}

extension ServerEnvironment {
    public static func manual(_ clock: ManualClock, seed: UInt64 = 1) -> ServerEnvironment {
        let bytes = SeededBytes(seed: seed)
        return ServerEnvironment(now: { clock.now }, random: { bytes.next($0) })
    }
}
