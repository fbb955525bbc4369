import HomeserverBench
import Testing

@Suite struct LatencyHistogramTests {
    @Test func nothingRecordedHasNoPercentiles() {
        let histogram = LatencyHistogram()
        #expect(histogram.percentile(50) == nil)
        #expect(histogram.maximumNanoseconds == 0)
        #expect(LatencySummary(histogram).p99 == 0)
    }

    @Test(
        arguments: [
            0, 1, 127, 128, 255, 256, 257, 999, 1_000, 65_535, 65_536, 123_456_789, 7_000_000_000, 4_398_046_511_103,
        ] as [UInt64])
    func aValueIsAnsweredWithinOnePercent(nanoseconds: UInt64) {
        var histogram = LatencyHistogram()
        histogram.record(nanoseconds: nanoseconds)
        // A longer one, so that the answer is the bucket's and not the exact maximum.
        histogram.record(nanoseconds: 5_000_000_000_000)
        let answer = histogram.percentile(50) ?? .max
        let error = Double(max(answer, nanoseconds) - min(answer, nanoseconds))
        #expect(error <= Double(nanoseconds) * 0.004)
    }

    @Test func everyValueOfARangeStaysWithinOnePercent() {
        var generator = SplitMix64(state: 7)
        for _ in 0..<2_000 {
            let nanoseconds = generator.next() >> UInt64.random(in: 22...63, using: &generator)
            var histogram = LatencyHistogram()
            histogram.record(nanoseconds: nanoseconds)
            histogram.record(nanoseconds: .max)
            let answer = histogram.percentile(50) ?? .max
            let error = Double(max(answer, nanoseconds) - min(answer, nanoseconds))
            #expect(error <= Double(nanoseconds) * 0.01)
        }
    }

    @Test func percentilesAreByNearestRank() {
        var histogram = LatencyHistogram()
        for value in 1...100 { histogram.record(nanoseconds: UInt64(value)) }
        #expect(histogram.percentile(0) == 1)
        #expect(histogram.percentile(1) == 1)
        #expect(histogram.percentile(50) == 50)
        #expect(histogram.percentile(90) == 90)
        #expect(histogram.percentile(99) == 99)
        #expect(histogram.percentile(99.5) == 100)
        #expect(histogram.percentile(100) == 100)
    }

    @Test func percentilesOfOneValueAreThatValue() {
        var histogram = LatencyHistogram()
        histogram.record(nanoseconds: 123_456_789)
        for percent in [0.0, 50, 99, 100] { #expect(histogram.percentile(percent) == 123_456_789) }
    }

    @Test func mergingIsRecordingBoth() {
        var first = LatencyHistogram()
        var second = LatencyHistogram()
        var both = LatencyHistogram()
        for value in stride(from: 1 as UInt64, to: 1_000_000, by: 997) {
            if value % 2 == 0 { first.record(nanoseconds: value) } else { second.record(nanoseconds: value) }
            both.record(nanoseconds: value)
        }
        first.merge(second)
        #expect(first == both)
    }

    @Test func whatIsTooLongCountsAsTheLongest() {
        var histogram = LatencyHistogram()
        histogram.record(nanoseconds: .max)
        histogram.record(nanoseconds: .max)
        #expect(histogram.count == 2)
        #expect(histogram.maximumNanoseconds == .max)
        #expect((histogram.percentile(50) ?? 0) > 4_300_000_000_000)
    }
}
