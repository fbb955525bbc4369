import GRDB
import HomeserverStore
import MatrixIdentifiers

extension SQLiteStore: ReportWriter {
    package func reports(before: Int64?, limit: Int) throws -> [ReportRecord] {
        try rows(
            "SELECT * FROM reports WHERE report < ? ORDER BY report DESC LIMIT ?", [before ?? .max, limit]
        ).map { row in
            ReportRecord(
                number: row["report"], reporter: try row.identifier("reporter", UserID.self),
                roomID: (row["room_id"] as String?).flatMap(RoomID.init),
                eventID: (row["event_id"] as String?).flatMap(EventID.init),
                userID: (row["user_id"] as String?).flatMap(UserID.init),
                reason: row["reason"], createdAt: row["created_at"])
        }
    }

    package func reportCount(by reporter: UserID) throws -> Int {
        try row("SELECT count(*) AS count FROM reports WHERE reporter = ?", [reporter.string])?["count"] ?? 0
    }

    package func insertReport(_ report: ReportRecord, maximumCount: Int) throws {
        try execute(
            """
            INSERT INTO reports (reporter, room_id, event_id, user_id, reason, created_at) VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                report.reporter.string, report.roomID?.string, report.eventID?.string, report.userID?.string,
                report.reason, report.createdAt,
            ])
        try execute(
            """
            DELETE FROM reports WHERE report <= (SELECT report FROM reports ORDER BY report DESC LIMIT 1 OFFSET ?)
            """, [maximumCount])
    }

    package func deleteReport(_ number: Int64) throws {
        try execute("DELETE FROM reports WHERE report = ?", [number])
    }
}
