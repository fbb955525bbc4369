import Metrics
import Testing

@Suite struct MetricsTests {
    @Test func histogramsCountWhatIsNotAboveEachBound() {
        let histogram = Histogram(bounds: [1, 10, 100])
        for value: Int64 in [0, 1, 2, 10, 11, 100, 101, 5_000] { histogram.note(value) }
        let snapshot = histogram.snapshot
        #expect(snapshot.cumulative == [2, 4, 6])
        #expect(snapshot.count == 8)
        #expect(snapshot.sum == 5_225)
    }

    @Test func durationsAreCountedInMicroseconds() {
        let histogram = Histogram.ofTimes()
        histogram.note(.milliseconds(3))
        histogram.note(.seconds(61))
        #expect(histogram.snapshot.sum == 61_003_000)
        #expect(histogram.snapshot.cumulative.last == 1)
    }

    @Test func nothingIsLostAmongThreads() async {
        let counts = AtomicCounts(count: 2)
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<1_000 { counts.add(1, at: 1) } }
            }
        }
        #expect(counts[0] == 0)
        #expect(counts[1] == 8_000)
    }

    @Test func theTextIsPrometheus() {
        var writer = PrometheusText()
        writer.begin("a_total", .counter, "Things.")
        writer.value("a_total", [("name", "quote \" back \\ line \n")], 3)
        writer.single("b", .gauge, "One.", -1)
        let histogram = Histogram(bounds: [250, 1_000_000])
        for value: Int64 in [250, 251, 1_500_000] { histogram.note(value) }
        writer.begin("c_seconds", .histogram, "Times.")
        writer.values("c_seconds", [("x", "y")], of: histogram, unit: -6)
        #expect(
            writer.text == """
                # HELP a_total Things.
                # TYPE a_total counter
                a_total{name="quote \\" back \\\\ line \\n"} 3
                # HELP b One.
                # TYPE b gauge
                b -1
                # HELP c_seconds Times.
                # TYPE c_seconds histogram
                c_seconds_bucket{x="y",le="0.00025"} 1
                c_seconds_bucket{x="y",le="1"} 2
                c_seconds_bucket{x="y",le="+Inf"} 3
                c_seconds_sum{x="y"} 1.500501
                c_seconds_count{x="y"} 3

                """)
    }
}
