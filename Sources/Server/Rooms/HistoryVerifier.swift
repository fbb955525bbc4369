import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rules

/// Goes through the whole history of rooms and checks what it claims: that each event has its ID, is what this server
/// signed, follows the one before it, was allowed by the state before it, that the state is what all of them made, and
/// that the index of relations says what the events say.
public struct HistoryVerifier: Sendable {
    /// Something that is not as it must be.
    public struct Fault: Sendable, CustomStringConvertible {
        public let roomID: RoomID
        /// Nil when it is about the room as a whole.
        public let eventID: EventID?
        public let reason: String

        public var description: String { "\(roomID) \(eventID.map { "\($0) " } ?? "")\(reason)" }
    }

    public struct Report: Sendable {
        public var roomCount = 0
        public var eventCount = 0
        /// Messages that were deleted because of their age; what is left shows that nothing else is missing.
        public var expiredEventCount = 0
        public var faults: [Fault] = []
    }

    private let database: any HomeserverDatabase
    private let serverName: ServerName
    private let keyID: String
    private let key: VerifyKey

    private static let blockCount = 500

    public init(database: any HomeserverDatabase, serverName: ServerName, keyID: String, key: VerifyKey) {
        self.database = database
        self.serverName = serverName
        self.keyID = keyID
        self.key = key
    }

    /// - Parameter progress: is told how many events have been checked.
    public func verify(progress: (Int) -> Void = { _ in }) async throws -> Report {
        var report = Report()
        for room in try await database.read({ try $0.rooms() }) {
            // Of a room that is deleted there is no history to check.
            if try await database.read({ try $0.roomDeletion(room.number) }) != nil { continue }
            report.roomCount += 1
            try await verify(room, into: &report, progress: progress)
        }
        return report
    }

    /// What a room's history has made so far.
    private struct Replay {
        var state: [StateTuple: PersistentDataUnit] = [:]
        var events: [EventID: PersistentDataUnit] = [:]
        var latest: EventID?
        /// The stretches that have been deleted, by their last event.
        var expired: [EventID: ExpiredRun] = [:]
    }

    private func verify(_ record: RoomRecord, into report: inout Report, progress: (Int) -> Void) async throws {
        func fault(_ eventID: EventID?, _ reason: String) {
            report.faults.append(Fault(roomID: record.roomID, eventID: eventID, reason: reason))
        }
        guard let rules = RoomVersionRules.named(record.version) else {
            return fault(nil, "has the unknown version \(record.version)")
        }
        var replay = Replay()
        for run in try await database.read({ try $0.expiredRuns(of: record.number) }) {
            replay.expired[run.lastEvent] = run
            report.expiredEventCount += run.eventCount
        }
        var position = StreamPosition.zero
        while true {
            let start = position
            let block = try await database.read { store in
                try store.timeline(
                    of: record.number, after: start, before: StreamPosition(.max), limit: Self.blockCount,
                    direction: .forward)
            }
            guard let last = block.last else { break }
            for event in block {
                do {
                    try verify(event, of: record, rules: rules, replay: &replay)
                } catch {
                    fault(event.eventID, "\(error)")
                }
            }
            for mismatch in try await RelationVerifier(database: database, room: record).verify(block) {
                fault(mismatch.eventID, mismatch.reason)
            }
            report.eventCount += block.count
            progress(report.eventCount)
            position = last.position
        }
        let stored = try await database.read { try $0.currentState(of: record.number) }
        if Set(stored.map(\.eventID)) != Set(replay.state.values.map(\.eventID)) {
            fault(nil, "has a state that its history does not make")
        }
    }

    private struct Mismatch: Error, CustomStringConvertible {
        let description: String
    }

    private func verify(
        _ record: EventRecord, of room: RoomRecord, rules: RoomVersionRules, replay: inout Replay
    ) throws {
        guard case .object(let json) = try JSONParser.parse(record.pdu) else {
            throw Mismatch(description: "is not a JSON object")
        }
        let event = try PersistentDataUnit(json: json, eventID: record.eventID, roomID: room.roomID)
        // Whatever is wrong with it, what comes later was built upon it.
        defer {
            replay.latest = event.eventID
            if let tuple = event.stateTuple {
                replay.state[tuple] = event
                replay.events[event.eventID] = event
            }
        }
        try verifySignature(json, record, rules: rules)
        if let previous = event.prevEvents.first, previous != replay.latest, let run = replay.expired[previous],
            run.follows == replay.latest, run.last < record.position
        {
            replay.latest = previous
        }
        guard event.prevEvents == (replay.latest.map { [$0] } ?? []) else {
            throw Mismatch(description: "does not follow the event before it")
        }
        let authEvents = event.authEvents.compactMap { replay.events[$0] }
        guard authEvents.count == event.authEvents.count else {
            throw Mismatch(description: "names authorising events that the room does not have")
        }
        try EventAuthorization.checkAuthEvents(event, authEvents: authEvents, rules: rules)
        try EventAuthorization.authorize(event, rules: rules) { replay.state[$0] }
    }

    /// Of a redacted event the content is gone and its hash with it; ID and signature stand without it.
    private func verifySignature(_ json: JSONObject, _ record: EventRecord, rules: RoomVersionRules) throws {
        do {
            let eventID = try EventVerification.verify(
                json, rules: rules, serverName: serverName, keyID: keyID, key: key)
            guard eventID == record.eventID else { throw Mismatch(description: "has the hash of \(eventID)") }
        } catch let error as SigningError where error.code == .contentHashMismatch && record.redactedBy != nil {
            guard try EventHash.eventID(of: json, rules: rules) == record.eventID else {
                throw Mismatch(description: "is redacted and has another event's hash")
            }
        }
    }
}
