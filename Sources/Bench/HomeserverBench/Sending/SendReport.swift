/// How fast messages were accepted.
package struct SendReport: BenchReport, Equatable {
    package let url: String
    package let userCount: Int
    package let isOneRoom: Bool
    /// From the end of the warm-up to the end, or to the last acknowledgement when a number of messages ended the run.
    package let measuredSeconds: Double
    /// Acknowledged while measuring.
    package let measuredCount: Int
    /// Acknowledged in all, those of the warm-up as well.
    package let acknowledgedCount: Int
    package let latency: LatencySummary
    package let errors: ErrorTally
    /// Users whose connection was lost, in a run that waits for that.
    package let disconnectedCount: Int
    private let isUntilDisconnected: Bool

    package init(target: BenchTarget, options: SendOptions, tally: SendTally, schedule: SendSchedule) {
        url = target.url.description
        userCount = options.userCount
        isOneRoom = options.isOneRoom
        isUntilDisconnected = options.isUntilDisconnected
        let isCutShort = tally.disconnectedCount > 0 || schedule.measuringUntil == nil
        let end = isCutShort ? tally.lastAcknowledgement : schedule.measuringUntil ?? 0
        measuredSeconds = Double(max(end, schedule.measuringFrom) - schedule.measuringFrom) / 1_000_000_000
        measuredCount = tally.measuredCount
        acknowledgedCount = tally.acknowledgedCount
        latency = LatencySummary(tally.latencies)
        errors = tally.errors
        disconnectedCount = tally.disconnectedCount
    }

    package var sendsPerSecond: Double { measuredSeconds > 0 ? Double(measuredCount) / measuredSeconds : 0 }

    package var title: String {
        "send: \(userCount) users, \(isOneRoom ? "all in one room" : "each in a room of their own"), at \(url)"
    }

    package var rows: [ReportRow] {
        [
            ReportRow("users", key: "users", integer: userCount),
            ReportRow("one room", key: "one_room", yes: isOneRoom),
            ReportRow("measured for", key: "measured_seconds", number: measuredSeconds, places: 3, unit: "s"),
            ReportRow("acknowledged while measuring", key: "measured_sends", integer: measuredCount),
            ReportRow("acknowledged in all", key: "acknowledged_sends", integer: acknowledgedCount),
            ReportRow("sends", key: "sends_per_second", number: sendsPerSecond, places: 1, unit: "per second"),
        ] + latencyRows(latency, of: "latency", key: "") + [
            ReportRow("errors", key: "errors", integer: errors.total),
            ReportRow("kinds of errors", key: "error_kinds", text: errors.summary),
            ReportRow("users disconnected", key: "disconnected_users", integer: disconnectedCount),
        ]
    }

    package var failure: String? {
        guard acknowledgedCount == 0, !isUntilDisconnected else { return nil }
        return "no message was acknowledged (errors: \(errors.summary))"
    }
}
