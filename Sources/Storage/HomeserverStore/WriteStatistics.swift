import Metrics

/// What the write queue did so far.
public struct WriteStatistics: Sendable {
    /// Commands in one transaction.
    public let batchSizes = Histogram(bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
    /// From the beginning of a transaction until it is durable, in microseconds.
    public let commitTimes = Histogram.ofTimes()
}
