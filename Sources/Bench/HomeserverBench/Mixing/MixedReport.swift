/// How a server does under ordinary chatter.
package struct MixedReport: BenchReport, Equatable {
    package let url: String
    package let options: MixedOptions
    package let groupMemberships: Int
    package let sentCount: Int
    package let sendLatency: LatencySummary
    package let delivery: LatencySummary
    package let deliveryCount: Int
    package let missingCount: Int
    package let twiceCount: Int
    package let receiptCount: Int
    package let typingCount: Int
    package let errors: ErrorTally
    /// The server's memory at even distances in time; empty when its process is unknown.
    package let memorySamples: [Int]
    package let serverSeconds: Double?
    package let elapsedSeconds: Double

    package var title: String {
        "mixed: \(options.userCount) people in \(options.groupCount) groups, "
            + "\(decimal(options.messagesPerSecond, places: 1)) messages/s, at \(url)"
    }

    /// The mean of the second quarter of the samples, when caches have filled, and of the last.
    package var memoryEarlyAndLate: (Int, Int)? {
        let quarter = memorySamples.count / 4
        guard quarter > 0 else { return nil }
        func mean(_ samples: ArraySlice<Int>) -> Int { samples.reduce(0, +) / samples.count }
        return (mean(memorySamples[quarter..<(2 * quarter)]), mean(memorySamples.suffix(quarter)))
    }

    package var rows: [ReportRow] {
        let memory: [ReportRow] =
            if let (early, late) = memoryEarlyAndLate {
                [
                    ReportRow("memory in the second quarter", key: "memory_early_bytes", integer: early, unit: "bytes"),
                    ReportRow("memory in the last quarter", key: "memory_late_bytes", integer: late, unit: "bytes"),
                ]
            } else {
                [ReportRow("memory", key: "memory_late_bytes", absent: "cannot be read without --server-pid")]
            }
        let cores =
            serverSeconds.map {
                ReportRow(
                    "server's cores", key: "server_cores", number: $0 / max(elapsedSeconds, 1e-9), places: 3, unit: "")
            } ?? ReportRow("server's cores", key: "server_cores", absent: "cannot be read without --server-pid")
        return [
            ReportRow("people", key: "users", integer: options.userCount),
            ReportRow("groups", key: "groups", integer: options.groupCount),
            ReportRow("memberships", key: "memberships", integer: groupMemberships),
            ReportRow("messages sent", key: "sent_messages", integer: sentCount),
            ReportRow("deliveries", key: "deliveries", integer: deliveryCount),
            ReportRow("receipts", key: "receipts", integer: receiptCount),
            ReportRow("typing notices", key: "typing_notices", integer: typingCount),
        ] + latencyRows(delivery, of: "delivery", key: "delivery_") + latencyRows(sendLatency, of: "send", key: "send_")
            + [
                ReportRow("missing", key: "missing_deliveries", integer: missingCount),
                ReportRow("twice", key: "repeated_deliveries", integer: twiceCount),
                ReportRow("errors", key: "errors", integer: errors.total),
                ReportRow("kinds of errors", key: "error_kinds", text: errors.summary),
                cores,
            ] + memory
    }

    package var failure: String? {
        if missingCount + twiceCount > 0 { return "deliveries are wrong: \(missingCount) missing, \(twiceCount) twice" }
        return deliveryCount == 0 ? "no message was delivered (errors: \(errors.summary))" : nil
    }
}
