/// The stretch of a run that is measured; before it caches fill, after it the rest is awaited.
///
/// Instants are nanoseconds of the run's monotonic clock.
package struct MeasuringWindow: Sendable, Equatable {
    package let from: UInt64
    package let until: UInt64

    package init(from start: UInt64, warmUpSeconds: Double, seconds: Double) {
        from = start + UInt64(warmUpSeconds * 1_000_000_000)
        until = from + UInt64(seconds * 1_000_000_000)
    }

    package func contains(_ instant: UInt64) -> Bool { instant >= from && instant < until }
    package var seconds: Double { Double(until - from) / 1_000_000_000 }
}
