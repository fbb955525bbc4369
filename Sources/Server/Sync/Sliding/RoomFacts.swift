import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers

/// What lists of rooms are filtered by and a room's membership record does not say. Read from the store when it is
/// first asked for, many rooms at a time, so that listing rooms does not load them.
struct RoomFacts: Sendable {
    /// Nil until it has been read; then the type, which a room may lack. It never changes.
    var roomType: ByteExactString??
    /// Nil until it has been read.
    var isEncrypted: Bool?
    /// Up to where the room was looked at for encryption, which can be switched on but not off.
    var encryptionReadAt = StreamPosition.zero
    /// Nil until it has been read.
    var membershipChange: MembershipChange?

    /// How the user's present membership came about, when he is not in the room.
    struct MembershipChange: Sendable {
        let position: StreamPosition
        let sender: UserID
        /// Whether he has ever been in the room.
        let hasJoined: Bool
    }
}

/// One of a user's rooms, with what his stream knows about it.
struct ListedRoom: Sendable {
    let number: RoomNumber
    var entry: UserStream.RoomEntry

    /// Where the room stands in lists: by its last event, or by what happened to the user when he is not in it.
    var activity: StreamPosition { entry.membership == .join ? entry.latestEvent : entry.membershipPosition }
}

/// Which facts a request asks for.
struct RoomFactsNeeded {
    var roomType = false
    var encryption = false

    func isLacking(_ entry: UserStream.RoomEntry) -> Bool {
        let facts = entry.facts
        if entry.membership != .join, facts.membershipChange?.position != entry.membershipPosition { return true }
        return (roomType && facts.roomType == nil) || isEncryptionLacking(entry)
    }

    func isEncryptionLacking(_ entry: UserStream.RoomEntry) -> Bool {
        guard encryption, entry.facts.isEncrypted != true else { return false }
        return entry.facts.isEncrypted == nil || entry.latestEvent > entry.facts.encryptionReadAt
    }
}

extension EventReader {
    /// The facts of one room that are lacking, together with those that are there.
    func facts(_ needed: RoomFactsNeeded, of room: ListedRoom, userID: UserID) throws -> RoomFacts {
        var facts = room.entry.facts
        if needed.roomType, facts.roomType == nil {
            let create = try stateHistory(of: room.number, tuple: StateTuple(EventType.roomCreate)).first
            let type = try create.flatMap { try content(of: $0)?["type"]?.stringValue }
            facts.roomType = .some(type.map(ByteExactString.init))
        }
        if needed.isEncryptionLacking(room.entry) {
            facts.isEncrypted =
                try !stateHistory(of: room.number, tuple: StateTuple(EventType.roomEncryption)).isEmpty
            facts.encryptionReadAt = room.entry.latestEvent
        }
        let entry = room.entry
        if entry.membership != .join, facts.membershipChange?.position != entry.membershipPosition {
            facts.membershipChange = try membershipChange(of: userID, in: room)
        }
        return facts
    }

    private func membershipChange(of userID: UserID, in room: ListedRoom) throws -> RoomFacts.MembershipChange {
        let position = room.entry.membershipPosition
        let sender = try event(at: position).flatMap { try json(of: $0)?["sender"]?.stringValue.flatMap(UserID.init) }
        var hasJoined = false
        if room.entry.membership == .leave || room.entry.membership == .ban {
            hasJoined = try stateHistory(of: room.number, tuple: StateTuple(EventType.roomMember, userID.string))
                .contains { try content(of: $0)?["membership"] == "join" }
        }
        return RoomFacts.MembershipChange(position: position, sender: sender ?? userID, hasJoined: hasJoined)
    }

    private func json(of record: EventRecord) throws -> JSONObject? { try JSONParser.parse(record.pdu).objectValue }

    private func content(of record: EventRecord) throws -> JSONObject? {
        try json(of: record)?["content"]?.objectValue
    }
}
