import ApplicationServices
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms

/// What of the stream concerns the service.
///
/// https://spec.matrix.org/v1.19/application-service-api/#registration
extension ServiceFeed {
    private static let blockCount = 256

    struct Gathered {
        var batch = TransactionBatch()
        /// Everything up to here is in the batch, or is not for the service.
        var position: StreamPosition
        /// Whether rooms have an alias of the service's, as they were looked up for this batch.
        var hasAlias: [RoomNumber: Bool] = [:]
    }

    /// What there is to tell, as far as it goes into one transaction.
    func gather() async throws -> Gathered {
        var gathered = Gathered(position: state.withLock { $0.position })
        let end = writes.publishedPosition
        var isFull = false
        while gathered.position < end, !isFull {
            let entries = try await database.read { [start = gathered.position] store in
                try store.streamEntries(after: start, upTo: end, limit: Self.blockCount)
            }
            for entry in entries where !isFull {
                isFull = try await !add(entry, to: &gathered)
                if !isFull { gathered.position = entry.position }
            }
            if entries.count < Self.blockCount, !isFull { gathered.position = end }
        }
        if service.receivesEphemeral, !isFull { try await addEphemeral(to: &gathered) }
        return gathered
    }

    /// - Returns: false when the batch is full.
    private func add(_ entry: StreamEntry, to gathered: inout Gathered) async throws -> Bool {
        let room: Room
        do {
            room = try await rooms.room(entry.room)
        } catch is MatrixError {
            // Deleted since.
            return true
        }
        let target = entry.member.flatMap { service.speaks(for: $0) ? $0 : nil }
        let isInterested = try await isInterested(in: room, at: entry.position, &gathered)
        guard isInterested || target != nil, let event = try await rooms.event(at: entry.position, in: room) else {
            return true
        }
        let format = ClientEventFormat(includesRoomID: true, device: nil, now: environment.timestamp)
        guard gathered.batch.add(event: format.bytes(event)) else { return false }
        if let target { state.withLock { $0.audience.note(event.pdu.membership, of: target, in: room.number) } }
        return true
    }

    /// Whether what happens in the room is for the service, after the event at a position.
    func isInterested(in room: Room, at position: StreamPosition, _ gathered: inout Gathered) async throws -> Bool {
        if service.rooms.contains(room.roomID.string) { return true }
        if try await hasAlias(room, &gathered) { return true }
        if let known = state.withLock({ $0.audience.isAnybody(in: room.number) }) { return known }
        let members = try await members(of: room, at: position)
        state.withLock { $0.audience.set(members, in: room.number) }
        return !members.isEmpty
    }

    private func hasAlias(_ room: Room, _ gathered: inout Gathered) async throws -> Bool {
        guard !service.aliases.isEmpty else { return false }
        if let known = gathered.hasAlias[room.number] { return known }
        let aliases = try await database.read { try $0.aliases(of: room.number) }
        let hasAlias = aliases.contains { service.aliases.contains($0.alias.string) }
        gathered.hasAlias[room.number] = hasAlias
        return hasAlias
    }

    /// Which of the service's users were in the room just after the event at a position.
    private func members(of room: Room, at position: StreamPosition) async throws -> Set<UserID> {
        let events = room.read { $0.state.events(ofType: EventType.roomMember) }
        var members: Set<UserID> = []
        for event in events {
            guard let userID = event.stateKey.flatMap(UserID.init), service.speaks(for: userID) else { continue }
            var event: RoomEvent? = event
            if let present = event, present.position > position {
                // He has come or gone since; what he was then stands in the history.
                event = try await rooms.storedMemberships(of: userID, in: room).last { $0.position <= position }
            }
            if event?.pdu.membership == .join { members.insert(userID) }
        }
        return members
    }
}
