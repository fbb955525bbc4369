import NIOCore

/// How long calls took, one after the other or side by side.
package struct TimedCalls: Sendable, Equatable {
    package var latencies = LatencyHistogram()
    /// From the first call to the end of the last.
    package var seconds = 0.0
    /// Processor time of the server meanwhile; nil when its process is unknown.
    package var serverSeconds: Double?

    package var count: Int { Int(latencies.count) }
    package var perSecond: Double { seconds > 0 ? Double(count) / seconds : 0 }

    /// Processor time of the server for one call.
    package var serverMillisecondsPerCall: Double? {
        serverSeconds.flatMap { count > 0 ? $0 * 1000 / Double(count) : nil }
    }

    package init() {}
}

extension Stage {
    /// Times `body` for the numbers 0 ..< `count` over `connectionCount` connections.
    ///
    /// - Parameter serverProcessID: the server's process on this machine, to read its processor time.
    package func timed(
        _ count: Int, showing what: String, connectionCount: Int, serverProcessID: Int32?,
        body: @escaping @Sendable (MatrixCaller, Int) async throws -> Void
    ) async throws -> TimedCalls {
        let ticksBefore = try serverProcessID.map { id throws(BenchError) in try ProcessFigures.processorTicks(of: id) }
        let clock = environment.monotonicNanoseconds
        let start = clock()
        let durations = try await inParallel(count, showing: what, connectionCount: connectionCount) { caller, number in
            let begin = clock()
            try await body(caller, number)
            return clock() - begin
        }
        var calls = TimedCalls()
        calls.seconds = Double(clock() - start) / 1_000_000_000
        for duration in durations { calls.latencies.record(nanoseconds: duration) }
        if let serverProcessID, let ticksBefore {
            let ticks = try ProcessFigures.processorTicks(of: serverProcessID) - ticksBefore
            calls.serverSeconds = Double(ticks) / 100
        }
        return calls
    }
}

/// The row for what one call costs the server.
package func processorRow(_ label: String, key: String, _ calls: TimedCalls) -> ReportRow {
    guard let milliseconds = calls.serverMillisecondsPerCall else {
        return ReportRow(label, key: key, absent: "cannot be read without --server-pid")
    }
    return ReportRow(label, key: key, number: milliseconds, places: 3, unit: "ms")
}
