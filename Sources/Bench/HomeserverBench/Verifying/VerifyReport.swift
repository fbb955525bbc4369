/// Whether a server still has what it acknowledged.
package struct VerifyReport: BenchReport, Equatable {
    package let url: String
    package let roomCount: Int
    package let acknowledgedCount: Int
    package let missingCount: Int
    package let repeatedCount: Int
    package let renamedCount: Int
    /// Held though never acknowledged, which is no fault: the server was stopped before it could answer.
    package let unacknowledgedCount: Int

    package init(target: BenchTarget, roomCount: Int, check: JournalCheck) {
        url = target.url.description
        self.roomCount = roomCount
        acknowledgedCount = check.acknowledgedCount
        missingCount = check.missing.count
        repeatedCount = check.repeated.count
        renamedCount = check.renamed.count
        unacknowledgedCount = check.unacknowledgedCount
    }

    package var title: String { "verify: \(acknowledgedCount) acknowledged messages in \(roomCount) rooms, at \(url)" }

    package var rows: [ReportRow] {
        [
            ReportRow("rooms", key: "rooms", integer: roomCount),
            ReportRow("acknowledged", key: "acknowledged_sends", integer: acknowledgedCount),
            ReportRow("missing", key: "missing_messages", integer: missingCount),
            ReportRow("more than once", key: "repeated_messages", integer: repeatedCount),
            ReportRow("under another event id", key: "renamed_messages", integer: renamedCount),
            ReportRow("held without acknowledgement", key: "unacknowledged_messages", integer: unacknowledgedCount),
        ]
    }

    package var failure: String? {
        guard missingCount + repeatedCount + renamedCount > 0 else { return nil }
        return "the server lost its word: \(missingCount) missing, \(repeatedCount) more than once, "
            + "\(renamedCount) under another event id"
    }
}
