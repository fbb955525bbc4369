import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms

/// What an answer will have sent, as far as it is known while it is being made.
struct SlidingDraft {
    var checkpoint: SlidingCheckpoint
    /// The rooms that differ from what the connection had been sent before.
    var rooms: [RoomNumber: SentRoom] = [:]
}

/// An answer but for its `pos`.
struct SlidingAnswer {
    var counts: [String: Int] = [:]
    var rooms: [(roomID: RoomID, json: [UInt8])] = []
    /// The members of `extensions`.
    var extensions: [(name: String, json: [UInt8])] = []
    var hasNews = false

    func bytes(position: String, transactionID: String?) -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: rooms.reduce(1_024) { $0 + $1.json.count + 80 })
        writer.object { writer in
            writer.object("extensions") { writer in
                for (name, json) in extensions {
                    writer.key(name)
                    writer.raw { $0 += json }
                }
            }
            writer.object("lists") { writer in
                for (name, count) in counts.sorted(by: { utf8Precedes($0.key, $1.key) }) {
                    writer.member(name, ["count": .integer(Int64(count))])
                }
            }
            writer.member("pos", .string(position))
            writer.object("rooms") { writer in
                for (roomID, json) in rooms {
                    writer.key(roomID.string)
                    writer.raw { $0 += json }
                }
            }
            if let transactionID { writer.member("txn_id", .string(transactionID)) }
        }
        return writer.bytes
    }
}

/// Finds out what is new for one request.
struct SlidingAnswerBuilder {
    let service: SyncService
    let request: SlidingSyncRequest
    let stream: UserStream
    let settings: UserSettings
    let turn: SlidingConnection.Turn
    let now: SyncToken

    func answer(_ draft: inout SlidingDraft) async throws -> SlidingAnswer {
        let lister = RoomLister(service: service, request: request, stream: stream, settings: settings)
        let listing = try await lister.listing { [draft] in sent($0, draft)?.membership }
        var answer = SlidingAnswer(counts: listing.counts)
        answer.hasNews = listing.counts != turn.checkpoint.counts
        draft.checkpoint.counts = listing.counts
        let subjects = try await addRooms(listing, to: &answer, &draft)
        try await addExtensions(about: subjects, to: &answer, &draft)
        return answer
    }

    private func sent(_ room: RoomNumber, _ draft: SlidingDraft) -> SentRoom? { draft.rooms[room] ?? turn.rooms[room] }

    // MARK: Rooms

    /// Answers the rooms that extensions may have something to say about.
    private func addRooms(
        _ listing: RoomListing, to answer: inout SlidingAnswer, _ draft: inout SlidingDraft
    ) async throws -> [SlidingRoomExtensions.Subject] {
        try await service.rooms.load(listing.rooms.keys.filter { sent($0, draft) == nil })
        let builder = SlidingRoomBuilder(
            service: service, request: request, stream: stream, settings: settings,
            format: ClientEventFormat(
                includesRoomID: false, device: request.device, now: service.environment.timestamp),
            since: turn.checkpoint.token?.position, now: now.position)
        var shared = SharedRules(request: request, known: turn.checkpoint.rules)
        var subjects: [SlidingRoomExtensions.Subject] = []
        for match in listing.rooms.values.sorted(by: { $0.room.activity > $1.room.activity }) {
            let number = match.room.number
            let update = try await builder.update(
                match, rules: shared.rules(match.requiredStates), sent: sent(number, draft))
            if let update {
                draft.rooms[number] = update.sent
                if let json = update.json { answer.rooms.append((match.room.entry.roomID, json)) }
            }
            if match.room.entry.membership == .join, let sent = sent(number, draft) {
                subjects.append(SlidingRoomExtensions.Subject(match: match, sent: sent, update: update))
            }
        }
        draft.checkpoint.rules = shared.used
        if !answer.rooms.isEmpty { answer.hasNews = true }
        return subjects
    }

    /// One object for all rooms with the same rules, and the one of the last answer if they are the same as there.
    private struct SharedRules {
        let request: SlidingSyncRequest
        let known: [StateRules]
        private var byIndices: [[Int]: StateRules] = [:]

        init(request: SlidingSyncRequest, known: [StateRules]) {
            self.request = request
            self.known = known
        }

        var used: [StateRules] { Array(byIndices.values.prefix(32)) }

        mutating func rules(_ indices: [Int]) -> StateRules {
            if let rules = byIndices[indices] { return rules }
            let made = StateRules(indices.map { request.requiredStates[$0] })
            let rules = known.first { $0.isSame(as: made) } ?? made
            byIndices[indices] = rules
            return rules
        }
    }

    // MARK: Extensions

    private func addExtensions(
        about subjects: [SlidingRoomExtensions.Subject], to answer: inout SlidingAnswer, _ draft: inout SlidingDraft
    ) async throws {
        var subjects = subjects
        let builder = SlidingRoomExtensions(
            service: service, request: request, stream: stream, settings: settings, now: now)
        if let scope = request.accountData {
            let global = try await globalAccountData(&draft)
            let rooms = try await builder.accountData(&subjects, scope: scope)
            if !global.isEmpty || !rooms.isEmpty {
                answer.extensions.append(("account_data", Self.section(rooms, global: global)))
            }
        }
        if let scope = request.receipts {
            let rooms = try await builder.receipts(&subjects, scope: scope)
            if !rooms.isEmpty { answer.extensions.append(("receipts", Self.section(rooms))) }
        }
        if let scope = request.typing {
            let rooms = builder.typing(&subjects, scope: scope)
            if !rooms.isEmpty { answer.extensions.append(("typing", Self.section(rooms))) }
        }
        if !answer.extensions.isEmpty { answer.hasNews = true }
        for subject in subjects where subject.sent.differs(from: sent(subject.match.room.number, draft)) {
            draft.rooms[subject.match.room.number] = subject.sent
        }
        try await addEncryption(to: &answer)
    }

    private func globalAccountData(_ draft: inout SlidingDraft) async throws -> [[UInt8]] {
        let since = draft.checkpoint.globalAccountDataUpTo
        guard since.map({ stream.hasGlobalAccountData(after: $0) }) ?? true else { return [] }
        draft.checkpoint.globalAccountDataUpTo = now.position
        return try await service.globalAccountData(of: request.userID, since: since, filter: EventFilter())
    }

    private func addEncryption(to answer: inout SlidingAnswer) async throws {
        let encryption = SlidingEncryption(service: service, request: request, stream: stream, now: now.position)
        if let wanted = request.toDevice {
            let part = try await encryption.toDevice(wanted)
            answer.extensions.append(("to_device", part.json))
            if part.hasNews { answer.hasNews = true }
        }
        if request.wantsEndToEnd {
            let part = try await encryption.endToEnd(since: turn.checkpoint.token?.position)
            answer.extensions.append(("e2ee", part.json))
            if part.hasNews { answer.hasNews = true }
        }
    }

    private static func section(_ rooms: SlidingRoomExtensions.Section, global: [[UInt8]]? = nil) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            if let global {
                writer.array("global") { writer in for event in global { writer.raw { $0 += event } } }
            }
            writer.object("rooms") { writer in
                for (roomID, json) in rooms {
                    writer.key(roomID.string)
                    writer.raw { $0 += json }
                }
            }
        }
        return writer.bytes
    }
}

extension SentRoom {
    /// Whether an extension has sent something.
    fileprivate func differs(from other: SentRoom?) -> Bool {
        receiptsUpTo != other?.receiptsUpTo || accountDataUpTo != other?.accountDataUpTo
            || typingUpTo != other?.typingUpTo
    }
}
