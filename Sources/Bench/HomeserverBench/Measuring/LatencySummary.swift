/// The percentiles that a report shows, in milliseconds.
package struct LatencySummary: Sendable, Equatable {
    package let p50: Double
    package let p90: Double
    package let p99: Double
    package let maximum: Double

    /// All zero when nothing was recorded.
    package init(_ histogram: LatencyHistogram) {
        func milliseconds(_ percent: Double) -> Double {
            Double(histogram.percentile(percent) ?? 0) / 1_000_000
        }
        p50 = milliseconds(50)
        p90 = milliseconds(90)
        p99 = milliseconds(99)
        maximum = Double(histogram.maximumNanoseconds) / 1_000_000
    }
}
