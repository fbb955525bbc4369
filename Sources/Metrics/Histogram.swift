/// How many values fell into which range, with their sum.
///
/// https://prometheus.io/docs/concepts/metric_types/#histogram
public final class Histogram: Sendable {
    /// The upper ends of the ranges, inclusive; above the last is one more.
    public let bounds: [Int64]
    /// The ranges, and after them the sum.
    private let counts: AtomicCounts

    public init(bounds: [Int64]) {
        self.bounds = bounds
        counts = AtomicCounts(count: bounds.count + 2)
    }

    public func note(_ value: Int64) {
        counts.add(1, at: bounds.firstIndex { value <= $0 } ?? bounds.count)
        counts.add(value, at: bounds.count + 1)
    }

    public struct Snapshot: Sendable, Equatable {
        /// For each bound how many values were not above it.
        public let cumulative: [Int64]
        public let count: Int64
        public let sum: Int64
    }

    public var snapshot: Snapshot {
        var total: Int64 = 0
        let cumulative = bounds.indices.map { index in
            total += counts[index]
            return total
        }
        return Snapshot(
            cumulative: cumulative, count: total + counts[bounds.count], sum: counts[bounds.count + 1])
    }
}

/// A histogram of times, in microseconds.
extension Histogram {
    /// From a quarter of a millisecond to the longest wait of a sync.
    public static func ofTimes() -> Histogram {
        Histogram(
            bounds: [
                250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000,
                30_000_000,
            ])
    }

    public func note(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        note(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }
}

/// Measures how long something takes. What it says decides nothing, so the clock is no parameter.
public struct Stopwatch: Sendable {
    private let start = ContinuousClock.now

    public init() {}

    public var elapsed: Duration { ContinuousClock.now - start }
}
