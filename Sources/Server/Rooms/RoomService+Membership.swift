import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rules

/// Joining, inviting, leaving and the rest.
///
/// https://spec.matrix.org/v1.19/client-server-api/#room-membership
extension RoomService {
    /// A member event's content with what the user's profile says.
    static func memberContent(
        _ membership: Membership, of userID: UserID, reason: String? = nil, _ context: WriteContext
    ) throws -> JSONObject {
        var content: JSONObject = ["membership": .string(membership.rawValue)]
        let profile = try context.store.profile(of: userID)
        for name in ["displayname", "avatar_url"] {
            if let bytes = profile[name] { content[name] = try JSONParser.parse(bytes) }
        }
        if let reason { content["reason"] = .string(reason) }
        return content
    }

    // MARK: Joining

    /// Takes the user into the room; joining again changes nothing.
    public func join(_ roomID: RoomID, userID: UserID, reason: String?) async throws {
        try await writes.submit { [self] context in
            let room = try existingRoom(roomID, in: context)
            let before = room.headMembership(of: userID)
            if before == .join { return }
            var content = try Self.memberContent(.join, of: userID, reason: reason, context)
            if before != .invite, let authoriser = try authoriserOfRestrictedJoin(of: userID, to: room, context) {
                content["join_authorised_via_users_server"] = .string(authoriser.string)
            }
            try change(userID, by: userID, in: room, content: content, context)
            try inheritSettings(of: userID, in: room, context)
        }
    }

    /// In a room with restricted joins, a member who may invite and stands for the newcomer's right to join; nil when
    /// the room has other rules.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#restricted-rooms
    private func authoriserOfRestrictedJoin(
        of userID: UserID, to room: Room, _ context: WriteContext
    ) throws -> UserID? {
        let rules = room.headState(StateTuple(EventType.roomJoinRules))?.content ?? [:]
        guard let rule = rules["join_rule"]?.stringValue, rule == "restricted" || rule == "knock_restricted" else {
            return nil
        }
        let isAllowed = try RestrictedJoin.allowedRooms(rules).contains { roomID in
            try registry.room(roomID, in: context)?.headMembership(of: userID) == .join
        }
        guard isAllowed else {
            throw MatrixError.forbidden("joining needs an invitation or membership in a room that you are not in")
        }
        guard let levels = room.headPowerLevels else { return nil }
        let authoriser = room.read { view in
            view.state.events(ofType: EventType.roomMember).lazy
                .filter { $0.pdu.membership == .join }
                .compactMap { $0.stateKey.flatMap(UserID.init) }
                .first { $0.serverName == self.serverName && levels.level(of: $0) >= levels.invite }
        }
        guard let authoriser else {
            throw MatrixError(400, .unableToGrantJoin, "nobody of this server in the room may invite")
        }
        return authoriser
    }

    public func knock(_ roomID: RoomID, userID: UserID, reason: String?) async throws {
        try await writes.submit { [self] context in
            let room = try existingRoom(roomID, in: context)
            let content = try Self.memberContent(.knock, of: userID, reason: reason, context)
            try change(userID, by: userID, in: room, content: content, context)
        }
    }

    // MARK: Inviting

    public func invite(_ invitee: UserID, to roomID: RoomID, by sender: UserID, reason: String?) async throws {
        try await provide([invitee])
        try await writes.submit { [self] context in
            let room = try existingRoomOfMember(sender, roomID, context)
            try invite(invitee, to: room, by: sender, reason: reason, isDirect: false, context)
        }
    }

    func invite(
        _ invitee: UserID, to room: Room, by sender: UserID, reason: String?, isDirect: Bool, _ context: WriteContext
    ) throws {
        try checkInvitee(invitee, context)
        var content = try Self.memberContent(.invite, of: invitee, reason: reason, context)
        if isDirect { content["is_direct"] = true }
        try change(invitee, by: sender, in: room, content: content, context)
    }

    /// Whoever is invited must exist.
    func checkInvitee(_ invitee: UserID?, _ context: WriteContext) throws {
        guard let invitee else { throw MatrixError.invalidParameter("whoever is invited needs a user ID") }
        guard invitee.serverName == serverName else {
            throw MatrixError.forbidden("\(invitee) is on another server, and this one keeps to itself")
        }
        guard let account = try context.store.account(invitee), !account.isDeactivated else {
            throw MatrixError.notFound("there is no user \(invitee)")
        }
        for type in EventType.invitePermissions {
            guard let config = try context.store.accountData(type, of: invitee, room: nil) else { continue }
            // Of both names the specification's decides.
            guard InvitePermission(config.content) == .block else { return }
            throw MatrixError(403, .inviteBlocked, "\(invitee) takes no invitations")
        }
    }

    // MARK: Leaving

    /// Leaves a room, or turns an invitation or a knock down. Whoever has left already is left alone.
    public func leave(_ roomID: RoomID, userID: UserID, reason: String?) async throws {
        try await writes.submit { [self] context in
            let room = try existingRoom(roomID, in: context)
            switch room.headMembership(of: userID) {
            case .join, .invite, .knock: break
            case .leave: return
            case .ban, nil: throw Self.notInRoom
            }
            try checkMayLeave(room, userID: userID, context)
            try change(userID, by: userID, in: room, content: Self.leaveContent(reason), context)
        }
    }

    private static func leaveContent(_ reason: String?) -> JSONObject {
        var content: JSONObject = ["membership": "leave"]
        if let reason { content["reason"] = .string(reason) }
        return content
    }

    public func kick(_ target: UserID, from roomID: RoomID, by sender: UserID, reason: String?) async throws {
        try await writes.submit { [self] context in
            let room = try existingRoomOfMember(sender, roomID, context)
            switch room.headMembership(of: target) {
            case .join, .invite, .knock: break
            case .leave, .ban, nil: throw MatrixError.forbidden("\(target) is not in the room")
            }
            try change(target, by: sender, in: room, content: Self.leaveContent(reason), context)
        }
    }

    public func ban(_ target: UserID, from roomID: RoomID, by sender: UserID, reason: String?) async throws {
        try await writes.submit { [self] context in
            let room = try existingRoomOfMember(sender, roomID, context)
            var content: JSONObject = ["membership": "ban"]
            if let reason { content["reason"] = .string(reason) }
            try change(target, by: sender, in: room, content: content, context)
        }
    }

    public func unban(_ target: UserID, from roomID: RoomID, by sender: UserID, reason: String?) async throws {
        try await writes.submit { [self] context in
            let room = try existingRoomOfMember(sender, roomID, context)
            guard room.headMembership(of: target) == .ban else {
                throw MatrixError.forbidden("\(target) is not banned from the room")
            }
            try change(target, by: sender, in: room, content: Self.leaveContent(reason), context)
        }
    }

    /// Takes a room that the user has left out of his sight.
    public func forget(_ roomID: RoomID, userID: UserID) async throws {
        try await writes.submit { [self] context in
            let room = try existingRoom(roomID, in: context)
            switch room.headMembership(of: userID) {
            case .join, .invite, .knock: throw MatrixError(400, .unknown, "leave the room before you forget it")
            case .leave, .ban:
                try context.store.setForgotten(userID, room: room.number)
                context.publish(.forgotten(userID: userID, room: room.number))
                try deleteIfForgotten(room, context)
            case nil: throw Self.notInRoom
            }
        }
    }

    // MARK: Profiles in rooms

    /// Has the user's member events say what the profile says now.
    ///
    /// Rooms where the user goes by another name than `former` keep it: that name was chosen for the room.
    public func propagateProfileField(_ name: String, from former: JSONValue?, of userID: UserID) async throws {
        let memberships = try await database.read { try $0.memberships(of: userID) }
        for membership in memberships where membership.membership == .join {
            try await writes.submit { [self] context in
                guard let room = try registry.room(membership.roomID, in: context),
                    let member = room.headState(StateTuple(EventType.roomMember, userID.string)),
                    member.pdu.membership == .join, member.content[name] == former
                else { return }
                var content = member.content
                content[name] = try context.store.profile(of: userID)[name].map { try JSONParser.parse($0) }
                content["join_authorised_via_users_server"] = nil
                guard content != member.content else { return }
                try change(userID, by: userID, in: room, content: content, context)
            }
        }
    }

    // MARK: In a command

    func existingRoomOfMember(_ sender: UserID, _ roomID: RoomID, _ context: WriteContext) throws -> Room {
        guard let room = try registry.room(roomID, in: context), room.headMembership(of: sender) == .join else {
            throw Self.notInRoom
        }
        return room
    }

    private func change(
        _ target: UserID, by sender: UserID, in room: Room, content: JSONObject, _ context: WriteContext
    ) throws {
        let draft = try EventDraft(
            type: EventType.roomMember, stateKey: target.string, sender: sender, content: content)
        let event = try pipeline.append(draft, to: room, in: context)
        if event.pdu.membership != .join { context.onCommit { [typing] in typing.stop(target, in: room) } }
    }
}
