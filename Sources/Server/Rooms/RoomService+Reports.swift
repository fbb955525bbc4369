import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

/// What users tell the operators.
///
/// https://spec.matrix.org/v1.19/client-server-api/#reporting-content
extension RoomService {
    /// What a report is about.
    public enum ReportSubject: Sendable {
        case room(RoomID)
        case event(EventID, RoomID)
        case user(UserID)
    }

    /// Reports that are kept of everybody together, and of one user: nobody can push out those of others.
    private static let maximumReports = 10_000
    private static let maximumReportsOfUser = 500
    private static let maximumReasonBytes = 4_096

    /// Keeps a report for the operators. Whoever asks does not learn whether there is such a thing: a report about
    /// what is not here, or what the reporter cannot see, takes the same way and is not kept.
    public func report(_ subject: ReportSubject, reason: String, by reporter: UserID) async throws {
        guard reason.utf8.count <= Self.maximumReasonBytes else {
            throw MatrixError.tooLarge("a reason has at most \(Self.maximumReasonBytes) bytes")
        }
        var record: ReportRecord
        let now = environment.timestamp
        switch subject {
        case .room(let roomID):
            record = ReportRecord(reporter: reporter, roomID: roomID, reason: reason, createdAt: now)
        case .event(let eventID, let roomID):
            let event = try? await event(eventID, in: roomID, userID: reporter)
            record = ReportRecord(
                reporter: reporter, roomID: roomID, eventID: event?.eventID, userID: event?.sender, reason: reason,
                createdAt: now)
        case .user(let userID):
            record = ReportRecord(reporter: reporter, userID: userID, reason: reason, createdAt: now)
        }
        try await writes.submit { [record] context in
            let exists: Bool
            switch subject {
            case .room(let roomID): exists = try context.store.room(roomID) != nil
            case .event: exists = record.eventID != nil
            case .user(let userID): exists = try context.store.account(userID) != nil
            }
            guard exists, try context.store.reportCount(by: reporter) < Self.maximumReportsOfUser else { return }
            try context.store.insertReport(record, maximumCount: Self.maximumReports)
        }
    }

    // MARK: For operators

    /// The latest first. - Parameter before: only those with a lower number.
    public func reports(before: Int64? = nil, limit: Int) async throws -> [ReportRecord] {
        try await database.read { try $0.reports(before: before, limit: limit) }
    }

    public func deleteReport(_ number: Int64) async throws {
        try await writes.submit { try $0.store.deleteReport(number) }
    }
}
