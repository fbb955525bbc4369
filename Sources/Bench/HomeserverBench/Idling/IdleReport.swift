/// What waiting syncs cost, and how fast they are woken.
package struct IdleReport: BenchReport, Equatable {
    package let url: String
    package let connectionCount: Int
    package let userCount: Int
    /// The server's memory without and with the waiting syncs; nil when its process is unknown.
    package let memoryBytesBefore: Int?
    package let memoryBytesAfter: Int?
    package let wokenCount: Int
    /// From the writing of the message's request to its arrival on each connection.
    package let waking: LatencySummary
    /// Syncs that were answered without the message.
    package let earlyCount: Int
    package let errors: ErrorTally

    package init(
        target: BenchTarget, options: IdleOptions, memoryBefore: Int?, memoryAfter: Int?, sentNanoseconds: UInt64,
        tallies: [IdleTally]
    ) {
        url = target.url.description
        connectionCount = options.connectionCount
        userCount = options.userCount
        memoryBytesBefore = memoryBefore
        memoryBytesAfter = memoryAfter
        var latencies = LatencyHistogram()
        var errors = ErrorTally()
        for tally in tallies {
            for waking in tally.wakings {
                latencies.record(nanoseconds: max(waking, sentNanoseconds) - sentNanoseconds)
            }
            errors.merge(tally.errors)
        }
        wokenCount = tallies.reduce(0) { $0 + $1.wakings.count }
        earlyCount = tallies.reduce(0) { $0 + $1.earlyCount }
        waking = LatencySummary(latencies)
        self.errors = errors
    }

    package var bytesPerWaitingSync: Int? {
        guard let memoryBytesBefore, let memoryBytesAfter else { return nil }
        return (memoryBytesAfter - memoryBytesBefore) / connectionCount
    }

    package var title: String { "idle: \(connectionCount) waiting syncs of \(userCount) users, at \(url)" }

    package var rows: [ReportRow] {
        [
            ReportRow("connections", key: "connections", integer: connectionCount),
            ReportRow("users", key: "users", integer: userCount),
            memoryRow("server memory before", key: "memory_before_bytes", memoryBytesBefore),
            memoryRow("server memory with all waiting", key: "memory_after_bytes", memoryBytesAfter),
            memoryRow("memory per waiting sync", key: "bytes_per_waiting_sync", bytesPerWaitingSync),
            ReportRow("woken by one message", key: "woken_connections", integer: wokenCount),
            ReportRow(
                "until all were woken", key: "all_woken_milliseconds", number: waking.maximum, places: 3, unit: "ms"),
        ] + latencyRows(waking, of: "waking", key: "waking_") + [
            ReportRow("answered without the message", key: "early_answers", integer: earlyCount),
            ReportRow("errors", key: "errors", integer: errors.total),
            ReportRow("kinds of errors", key: "error_kinds", text: errors.summary),
        ]
    }

    package var failure: String? {
        wokenCount == connectionCount ? nil : "only \(wokenCount) of \(connectionCount) waiting syncs were woken"
    }

    private func memoryRow(_ label: String, key: String, _ bytes: Int?) -> ReportRow {
        guard let bytes else { return ReportRow(label, key: key, absent: "cannot be read without --server-pid") }
        return ReportRow(label, key: key, integer: bytes, unit: "bytes")
    }
}
