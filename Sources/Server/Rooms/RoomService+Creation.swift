import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rules
import UnpaddedBase64

extension RoomService {
    private static let maximumInvitees = 300
    private static let maximumInitialState = 100

    /// Makes a room with all its first events, or none of it.
    public func create(_ creation: RoomCreation, creator: UserID) async throws -> RoomID {
        guard creation.invitees.count <= Self.maximumInvitees,
            creation.initialState.count <= Self.maximumInitialState
        else {
            throw MatrixError.tooLarge(
                "a room begins with at most \(Self.maximumInvitees) invitations "
                    + "and \(Self.maximumInitialState) states")
        }
        var creation = creation
        creation.encryptsPrivateRooms = encryptsPrivateRooms
        let rules = creation.version ?? defaultVersion
        let alias = try creation.aliasLocalpart.map { try localAlias(localpart: $0) }
        try await provide(creation.invitees)
        return try await writes.submit { [self, creation] context in
            if let alias, try context.store.alias(alias) != nil {
                throw MatrixError(400, .roomInUse, "the alias \(alias) is taken")
            }
            let room = try begin(creation, creator: creator, rules: rules, context)
            if let alias {
                try context.store.insertAlias(AliasRecord(alias: alias, room: room.number, creator: creator))
            }
            if creation.isListed { try context.store.setListed(true, room: room.number) }
            try append(
                EventDraft(
                    type: EventType.roomMember, stateKey: creator.string, sender: creator,
                    content: Self.memberContent(.join, of: creator, context)), to: room, context)
            for event in creation.events(alias: alias, creator: creator, rules: rules) {
                try append(
                    EventDraft(
                        type: event.type, stateKey: event.stateKey, sender: creator, content: event.content),
                    to: room, context)
            }
            for invitee in creation.invitees where invitee != creator {
                try invite(
                    invitee, to: room, by: creator, reason: nil, isDirect: creation.isDirect, context)
            }
            return room.roomID
        }
    }

    func append(_ draft: EventDraft, to room: Room, _ context: WriteContext) throws {
        _ = try pipeline.append(draft, to: room, in: context)
    }

    public func localAlias(localpart: String) throws(MatrixError) -> RoomAlias {
        guard let alias = RoomAlias("#\(localpart):\(serverName)"), !localpart.utf8.contains(UInt8(ascii: ":")) else {
            throw .invalidParameter("'\(localpart.prefix(80))' cannot be the name of an alias")
        }
        return alias
    }

    /// Makes the room with its create event.
    func begin(
        _ creation: RoomCreation, creator: UserID, rules: RoomVersionRules, _ context: WriteContext
    ) throws -> Room {
        let draft = try EventDraft(
            type: EventType.roomCreate, stateKey: "", sender: creator,
            content: creation.createContent(creator: creator, rules: rules))
        let roomID = rules.roomIDIsCreateEventHash ? nil : randomRoomID()
        var template = EventTemplate(
            roomID: roomID, type: draft.type, stateKey: draft.stateKey, sender: draft.sender,
            content: draft.content, contentBytes: draft.contentBytes,
            originServerTimestamp: environment.timestamp, depth: 1, authEvents: [], prevEvents: [])
        var built = try pipeline.build(template, rules: rules, state: { _ in nil })
        // From version 12 on, the same room made by the same user within the same millisecond would have the same ID.
        while try context.store.room(built.event.roomID) != nil {
            template.originServerTimestamp += 1
            built = try pipeline.build(template, rules: rules, state: { _ in nil })
        }
        let number = try context.store.insertRoom(built.event.roomID, version: rules.identifier)
        let room = Room(
            number: number, roomID: built.event.roomID, rules: rules,
            view: RoomView(state: StateMap(), timeline: [], timelineStart: .zero, receipts: []), head: RoomHead())
        registry.insert(room, in: context)
        try pipeline.store(built, draft: draft, in: room, context)
        return room
    }

    private func randomRoomID() -> RoomID {
        let opaque = UnpaddedBase64.encode(environment.randomBytes(15), alphabet: .urlSafe)
        guard let roomID = RoomID("!\(opaque):\(serverName)") else {
            preconditionFailure("a server name and base64 make a room ID")
        }
        return roomID
    }
}
