import CanonicalJSON
import HangulSearch
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rules

/// Aliases and the public directory.
extension RoomService {
    // MARK: Aliases

    public func resolve(_ alias: RoomAlias) async throws -> RoomID {
        if let roomID = try await known(alias) { return roomID }
        if let provider = entityProvider.withLock({ $0 }), alias.serverName == serverName,
            try await provider.provide(alias), let roomID = try await known(alias)
        {
            return roomID
        }
        throw MatrixError.notFound("there is no room with the alias \(alias)")
    }

    private func known(_ alias: RoomAlias) async throws -> RoomID? {
        try await database.read { store in try store.alias(alias).flatMap { try store.room($0.room) }?.roomID }
    }

    /// The room that an ID or an alias names.
    public func resolve(roomIDOrAlias string: String) async throws -> RoomID {
        if let alias = RoomAlias(string) { return try await resolve(alias) }
        guard let roomID = RoomID(string) else {
            throw MatrixError.invalidParameter("'\(string.prefix(80))' is neither a room ID nor an alias")
        }
        return roomID
    }

    public func createAlias(_ alias: RoomAlias, for roomID: RoomID, by userID: UserID) async throws {
        guard alias.serverName == serverName else {
            throw MatrixError.invalidParameter("aliases of \(alias.serverName) are made there")
        }
        try await writes.submit { [self] context in
            guard let room = try registry.room(roomID, in: context), room.headMembership(of: userID) == .join else {
                throw Self.notInRoom
            }
            guard try context.store.alias(alias) == nil else {
                throw MatrixError(409, .unknown, "the alias \(alias) is taken")
            }
            guard try context.store.aliases(of: room.number).count < Self.maximumAliases else {
                throw MatrixError.forbidden("a room has at most \(Self.maximumAliases) aliases")
            }
            try context.store.insertAlias(AliasRecord(alias: alias, room: room.number, creator: userID))
        }
    }

    private static let maximumAliases = 200

    /// Whoever made the alias may delete it, and whoever may name the room's canonical alias.
    ///
    /// - Parameter isOwn: whether the alias is in a namespace of the application service that asks.
    public func deleteAlias(_ alias: RoomAlias, by userID: UserID, isOwn: Bool = false) async throws {
        try await writes.submit { [self] context in
            guard let record = try context.store.alias(alias), let stored = try context.store.room(record.room) else {
                throw MatrixError.notFound("there is no alias \(alias)")
            }
            let room = try existingRoom(stored.roomID, in: context)
            let required = room.headPowerLevels.map { levels in
                levels.level(of: userID) >= levels.required(forType: EventType.roomCanonicalAlias, isState: true)
            }
            let mayName = required == true && room.headMembership(of: userID) == .join
            guard record.creator == userID || mayName || isOwn else {
                throw MatrixError.forbidden("you may not delete this alias")
            }
            try context.store.deleteAlias(alias)
            if mayName { try removeFromCanonicalAlias(alias, in: room, by: userID, context) }
        }
    }

    private func removeFromCanonicalAlias(
        _ alias: RoomAlias, in room: Room, by userID: UserID, _ context: WriteContext
    ) throws {
        guard var content = room.headState(StateTuple(EventType.roomCanonicalAlias))?.content else { return }
        let before = content
        if content["alias"]?.stringValue.flatMap(RoomAlias.init) == alias { content["alias"] = nil }
        if let others = content["alt_aliases"]?.arrayValue {
            content["alt_aliases"] = .array(others.filter { $0.stringValue.flatMap(RoomAlias.init) != alias })
        }
        guard content != before else { return }
        let draft = try EventDraft(
            type: EventType.roomCanonicalAlias, stateKey: "", sender: userID, content: content)
        _ = try pipeline.append(draft, to: room, in: context)
    }

    public func aliases(of roomID: RoomID, userID: UserID) async throws -> [RoomAlias] {
        let (room, _) = try await access(to: roomID, userID: userID)
        return try await database.read { try $0.aliases(of: room.number) }.map(\.alias)
    }

    // MARK: The public directory

    public func isListed(_ roomID: RoomID) async throws -> Bool {
        guard let room = try await database.read({ try $0.room(roomID) }) else {
            throw MatrixError.notFound("there is no such room")
        }
        return room.isListed
    }

    public func setListed(_ isListed: Bool, roomID: RoomID, by userID: UserID) async throws {
        try await writes.submit { [self] context in
            let room = try existingRoom(roomID, in: context)
            guard room.headMembership(of: userID) == .join, let levels = room.headPowerLevels,
                levels.level(of: userID)
                    >= levels.required(forType: EventType.roomCanonicalAlias, isState: true)
            else { throw MatrixError.forbidden("you may not change whether this room is listed") }
            try context.store.setListed(isListed, room: room.number)
        }
    }

    /// The rooms in the directory, those with the most members first.
    ///
    /// - Parameters:
    ///   - others: rooms in the directories of other networks.
    ///   - includesListed: whether the server's own directory is wanted.
    public func publicRooms(
        and others: [RoomNumber] = [], includesListed: Bool = true
    ) async throws -> [PublicRoom] {
        let listed = includesListed ? try await database.read { try $0.listedRooms() }.map(\.number) : []
        var rooms: [PublicRoom] = []
        for number in listed + others.filter({ !listed.contains($0) }) {
            guard let room = try await registry.room(number) else { continue }
            rooms.append(room.read { PublicRoom(roomID: room.roomID, view: $0) })
        }
        return rooms.sorted { ($1.joinedCount, $0.roomID.string) < ($0.joinedCount, $1.roomID.string) }
    }
}

/// What the directory shows of a room.
public struct PublicRoom: Sendable {
    public let roomID: RoomID
    public let name: String?
    public let topic: String?
    public let avatarURL: String?
    public let canonicalAlias: String?
    public let joinRule: String
    public let roomType: String?
    public let joinedCount: Int
    public let isWorldReadable: Bool
    public let guestCanJoin: Bool

    init(roomID: RoomID, view: RoomView) {
        func string(_ type: String, _ key: String) -> String? { view.state[type]?.content[key]?.stringValue }
        self.roomID = roomID
        name = string(EventType.roomName, "name")
        topic = string(EventType.roomTopic, "topic")
        avatarURL = string(EventType.roomAvatar, "url")
        canonicalAlias = string(EventType.roomCanonicalAlias, "alias")
        joinRule = string(EventType.roomJoinRules, "join_rule") ?? "invite"
        roomType = string(EventType.roomCreate, "type")
        joinedCount = view.joinedCount
        isWorldReadable =
            string(EventType.roomHistoryVisibility, "history_visibility") == HistoryVisibility.worldReadable.rawValue
        guestCanJoin = string(EventType.roomGuestAccess, "guest_access") == "can_join"
    }

    public func matches(_ query: SearchQuery) -> Bool {
        [name, topic, canonicalAlias].contains { text in text.map { query.match($0) != nil } ?? false }
    }

    public var json: JSONObject {
        var json: JSONObject = [
            "room_id": .string(roomID.string), "join_rule": .string(joinRule),
            "num_joined_members": .integer(Int64(joinedCount)), "world_readable": .bool(isWorldReadable),
            "guest_can_join": .bool(guestCanJoin),
        ]
        let optional = [
            "name": name, "topic": topic, "avatar_url": avatarURL, "canonical_alias": canonicalAlias,
            "room_type": roomType,
        ]
        for (key, value) in optional { json[key] = value.map { .string($0) } }
        return json
    }
}
