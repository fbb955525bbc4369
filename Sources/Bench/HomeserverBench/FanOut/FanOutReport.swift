/// How fast messages reached a room's members.
package struct FanOutReport: BenchReport, Equatable {
    package let url: String
    package let memberCount: Int
    package let senderCount: Int
    package let measuredSeconds: Double
    /// Messages tried in all, and those acknowledged while measuring.
    package let sentCount: Int
    package let measuredSendCount: Int
    /// First deliveries while measuring, and in all.
    package let measuredDeliveryCount: Int
    package let deliveryCount: Int
    package let sendLatency: LatencySummary
    package let deliveryLatency: LatencySummary
    /// Acknowledged messages that did not reach a member, summed over members.
    package let missingCount: Int
    /// Repeated deliveries of a message to a member, summed over members.
    package let twiceCount: Int
    /// Deliveries with the mark of this run but a number that was never sent.
    package let foreignCount: Int
    /// Syncs that left messages out, so that members read them from the room's history.
    package let gapCount: Int
    package let errors: ErrorTally

    package init(
        target: BenchTarget, options: FanOutOptions, window: MeasuringWindow, sendings: [FanOutSending],
        tally: FanOutTally
    ) {
        url = target.url.description
        memberCount = options.memberCount
        senderCount = options.senderCount
        measuredSeconds = window.seconds
        var sendLatencies = LatencyHistogram()
        var errors = tally.errors
        for sending in sendings {
            sendLatencies.merge(sending.latencies)
            errors.merge(sending.errors)
        }
        sentCount = sendings.reduce(0) { $0 + $1.sent.count }
        measuredSendCount = sendings.reduce(0) { $0 + $1.measuredCount }
        measuredDeliveryCount = tally.measuredCount
        deliveryCount = tally.deliveredCount
        sendLatency = LatencySummary(sendLatencies)
        deliveryLatency = LatencySummary(tally.latencies)
        missingCount = tally.missingCount
        twiceCount = tally.twiceCount
        foreignCount = tally.foreignCount
        gapCount = tally.gapCount
        self.errors = errors
    }

    package var sendsPerSecond: Double { Double(measuredSendCount) / measuredSeconds }
    package var deliveriesPerSecond: Double { Double(measuredDeliveryCount) / measuredSeconds }

    package var title: String { "fanout: \(senderCount) sending to \(memberCount) live members, at \(url)" }

    package var rows: [ReportRow] {
        [
            ReportRow("members", key: "members", integer: memberCount),
            ReportRow("senders", key: "senders", integer: senderCount),
            ReportRow("measured for", key: "measured_seconds", number: measuredSeconds, places: 3, unit: "s"),
            ReportRow("messages sent in all", key: "sent_messages", integer: sentCount),
            ReportRow("sends", key: "sends_per_second", number: sendsPerSecond, places: 1, unit: "per second"),
            ReportRow("deliveries in all", key: "deliveries", integer: deliveryCount),
            ReportRow(
                "deliveries", key: "deliveries_per_second", number: deliveriesPerSecond, places: 1,
                unit: "per second"),
        ] + latencyRows(deliveryLatency, of: "delivery", key: "delivery_")
            + latencyRows(sendLatency, of: "send", key: "send_") + [
                ReportRow("missing", key: "missing_deliveries", integer: missingCount),
                ReportRow("twice", key: "repeated_deliveries", integer: twiceCount),
                ReportRow("never sent", key: "foreign_deliveries", integer: foreignCount),
                ReportRow("syncs with a gap", key: "limited_syncs", integer: gapCount),
                ReportRow("errors", key: "errors", integer: errors.total),
                ReportRow("kinds of errors", key: "error_kinds", text: errors.summary),
            ]
    }

    package var failure: String? {
        if missingCount + twiceCount + foreignCount > 0 {
            return "deliveries are wrong: \(missingCount) missing, \(twiceCount) twice, \(foreignCount) never sent"
        }
        return deliveryCount == 0 ? "no message was delivered (errors: \(errors.summary))" : nil
    }
}
