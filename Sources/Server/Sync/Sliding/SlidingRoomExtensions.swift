import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms

/// The extensions about rooms: account data, receipts and who is typing. Only for rooms that the user is in.
///
/// https://github.com/matrix-org/matrix-spec-proposals/pull/4186
struct SlidingRoomExtensions {
    let service: SyncService
    let request: SlidingSyncRequest
    let stream: UserStream
    let settings: UserSettings
    let now: SyncToken

    /// A room as this answer finds it.
    struct Subject {
        let match: MatchedRoom
        var sent: SentRoom
        /// What the answer says about the room itself, if anything.
        let update: SlidingRoomUpdate?
    }

    /// JSON by room ID.
    typealias Section = [(roomID: RoomID, json: [UInt8])]

    // MARK: Account data

    /// https://github.com/matrix-org/matrix-spec-proposals/pull/3959
    func accountData(_ subjects: inout [Subject], scope: SlidingExtensionScope) async throws -> Section {
        var wanted: [(index: Int, room: RoomNumber, after: StreamPosition)] = []
        for (index, subject) in subjects.enumerated() where scope.contains(subject.match, in: request) {
            let after = subject.sent.accountDataUpTo ?? .zero
            if subject.match.room.entry.latestAccountData > after {
                wanted.append((index, subject.match.room.number, after))
            }
            if subject.sent.accountDataUpTo == nil { subjects[index].sent.accountDataUpTo = now.position }
        }
        guard !wanted.isEmpty else { return [] }
        let userID = request.userID
        let records = try await service.database.read { [wanted] store in
            try wanted.map { try store.accountData(of: userID, room: $0.room, after: $0.after) }
        }
        var section: Section = []
        for (wanted, records) in zip(wanted, records) {
            subjects[wanted.index].sent.accountDataUpTo = now.position
            guard !records.isEmpty else { continue }
            var writer = JSONWriter()
            writer.array { writer in for record in records { writer.raw { $0 += SyncService.event(record) } } }
            section.append((subjects[wanted.index].match.room.entry.roomID, writer.bytes))
        }
        return section
    }

    // MARK: Receipts

    /// Of a room that is new, those at the events that are shown and the user's own; then whatever is set.
    ///
    /// https://github.com/matrix-org/matrix-spec-proposals/pull/3960
    func receipts(_ subjects: inout [Subject], scope: SlidingExtensionScope) async throws -> Section {
        var section: Section = []
        for (index, subject) in subjects.enumerated() where scope.contains(subject.match, in: request) {
            let since = subject.sent.receiptsUpTo
            let shown = Set(subject.update?.shownEvents ?? [])
            let hasChanged = since.map { subject.match.room.entry.latestChange > $0 } ?? true
            guard hasChanged || !shown.isEmpty else { continue }
            subjects[index].sent.receiptsUpTo = now.position
            let room = try await service.rooms.room(subject.match.room.number)
            let receipts = room.read { view in
                let new = since.map { view.receipts.changes(after: $0, upTo: now.position) }
                guard since == nil || !shown.isEmpty else { return new ?? [] }
                let latest =
                    shown.isEmpty ? Set(view.timeline.suffix(subject.match.timelineLimit).map(\.eventID)) : shown
                let standing = view.receipts.changes(after: .zero, upTo: now.position)
                    .filter { latest.contains($0.eventID) || $0.userID == request.userID }
                return standing + (new ?? [])
            }
            if let event = ReceiptEvent.bytes(receipts, for: request.userID, ignoring: settings.ignoredUsers) {
                section.append((subject.match.room.entry.roomID, event))
            }
        }
        return section
    }

    // MARK: Typing

    /// https://github.com/matrix-org/matrix-spec-proposals/pull/3961
    func typing(_ subjects: inout [Subject], scope: SlidingExtensionScope) -> Section {
        var section: Section = []
        for (index, subject) in subjects.enumerated() where scope.contains(subject.match, in: request) {
            let since = subject.sent.typingUpTo
            guard since.map({ subject.match.room.entry.latestTyping > $0 }) ?? true else { continue }
            subjects[index].sent.typingUpTo = now.typingSerial
            let users = service.rooms.typing.users(in: subject.match.room.number, changedAfter: since ?? 0)
            guard let users, since != nil || !users.isEmpty else { continue }
            section.append(
                (
                    subject.match.room.entry.roomID,
                    TypingEvent.json(users, ignoring: settings.ignoredUsers).bytes()
                ))
        }
        return section
    }
}
