import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers

/// What the server itself tells a user, in a room of its own for each.
///
/// https://spec.matrix.org/v1.19/client-server-api/#server-notices
extension RoomService {
    /// The user that notices come from. Nobody can sign up under this name.
    public var noticesSender: UserID {
        guard let userID = UserID("@\(configuration.noticesLocalpart):\(serverName)") else {
            preconditionFailure("the configuration has been checked")
        }
        return userID
    }

    /// Sends a notice. The first one makes the room and invites the user; so does one after he has left.
    ///
    /// - Parameter content: of an `m.room.message`; `msgtype` is set here.
    /// - Throws: `M_NOT_FOUND` when there is no such user.
    @discardableResult
    public func sendNotice(_ content: JSONObject, to userID: UserID) async throws -> EventID {
        var content = content
        content["msgtype"] = "m.server_notice"
        let sender = noticesSender
        let draft = try EventDraft(type: EventType.roomMessage, sender: sender, content: content)
        let now = environment.timestamp
        return try await writes.submit { [self] context in
            guard let account = try context.store.account(userID), !account.isDeactivated, userID != sender else {
                throw MatrixError.notFound("there is no user \(userID)")
            }
            if try context.store.account(sender) == nil {
                try context.store.insertAccount(AccountRecord(userID: sender, passwordHash: nil, createdAt: now))
                try context.store.setProfileField(
                    "displayname", to: JSONValue.string(configuration.noticesName).bytes(), of: sender)
            }
            let room = try noticesRoom(of: userID, sender: sender, context)
            switch room.headMembership(of: userID) {
            case .join, .invite: break
            default: try inviteToNotices(userID, room, sender, context)
            }
            return try pipeline.append(draft, to: room, in: context).eventID
        }
    }

    private func noticesRoom(of userID: UserID, sender: UserID, _ context: WriteContext) throws -> Room {
        if let roomID = try context.store.noticesRoom(of: userID), let room = try registry.room(roomID, in: context),
            room.headMembership(of: sender) == .join
        {
            return room
        }
        var creation = RoomCreation()
        creation.name = configuration.noticesName
        // The user reads and does not answer: nobody would read it.
        creation.powerLevelOverride = ["events_default": 50, "invite": 50]
        let room = try begin(creation, creator: sender, rules: defaultVersion, context)
        try context.store.setNoticesRoom(room.roomID, of: userID)
        let join = try EventDraft(
            type: EventType.roomMember, stateKey: sender.string, sender: sender,
            content: Self.memberContent(.join, of: sender, context))
        _ = try pipeline.append(join, to: room, in: context)
        for event in creation.events(alias: nil, creator: sender, rules: defaultVersion) {
            let draft = try EventDraft(
                type: event.type, stateKey: event.stateKey, sender: sender, content: event.content)
            _ = try pipeline.append(draft, to: room, in: context)
        }
        return room
    }

    /// The invitation comes with the tag by which clients know the room.
    private func inviteToNotices(
        _ userID: UserID, _ room: Room, _ sender: UserID, _ context: WriteContext
    ) throws {
        let content = try Self.memberContent(.invite, of: userID, context)
        let draft = try EventDraft(
            type: EventType.roomMember, stateKey: userID.string, sender: sender, content: content)
        _ = try pipeline.append(draft, to: room, in: context)
        let position = context.nextPosition()
        let tags: JSONObject = ["tags": ["m.server_notice": [:]]]
        try context.store.setAccountData(
            EventType.tag, of: userID, room: room.number, content: tags.bytes(), at: position)
        context.publish(.accountData(userID: userID, room: room.number, position: position))
    }

    /// In a command: an invitation to the server's notices cannot be turned down.
    func checkMayLeave(_ room: Room, userID: UserID, _ context: WriteContext) throws {
        guard room.headMembership(of: userID) == .invite,
            try context.store.noticesRoom(of: userID) == room.roomID
        else { return }
        throw MatrixError(
            403, .cannotLeaveServerNoticeRoom, "the invitation to the server's notices cannot be turned down")
    }
}
