import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rules

/// Replacing a room by one of another version.
///
/// https://spec.matrix.org/v1.19/client-server-api/#room-upgrades
extension RoomService {
    /// Bans that go with the room; more would make one transaction too long.
    private static let maximumCopiedBans = 1_000
    private static let maximumCopiedChildren = 1_000
    private static let maximumAdditionalCreators = 100

    /// Makes the new room, moves what can be moved, and closes the old one: all of it or nothing.
    ///
    /// - Parameter additionalCreators: for room versions that have them.
    public func upgrade(
        _ roomID: RoomID, to rules: RoomVersionRules, additionalCreators: [UserID], by userID: UserID
    ) async throws -> RoomID {
        guard additionalCreators.count <= Self.maximumAdditionalCreators else {
            throw MatrixError.tooLarge("a room has at most \(Self.maximumAdditionalCreators) additional creators")
        }
        return try await writes.submit { [self] context in
            let old = try existingRoomOfMember(userID, roomID, context)
            guard let levels = old.headPowerLevels,
                levels.level(of: userID) >= levels.required(forType: EventType.roomTombstone, isState: true)
            else { throw MatrixError.forbidden("you may not replace this room") }
            var creation = RoomCreation()
            creation.creationContent = Self.successorCreation(
                of: old, additionalCreators: additionalCreators.filter { $0 != userID }, rules: rules)
            let new = try begin(creation, creator: userID, rules: rules, context)
            try append(
                EventDraft(
                    type: EventType.roomMember, stateKey: userID.string, sender: userID,
                    content: Self.memberContent(.join, of: userID, context)), to: new, context)
            try copyState(from: old, to: new, by: userID, context)
            try moveNames(from: old, to: new, context)
            try close(old, replacedBy: new, by: userID, context)
            try inheritSettings(of: userID, in: new, context)
            return new.roomID
        }
    }

    private static func successorCreation(
        of old: Room, additionalCreators: [UserID], rules: RoomVersionRules
    ) -> JSONObject {
        let create = old.headState(StateTuple(EventType.roomCreate))?.content ?? [:]
        var content = create.keeping(only: ["type", "m.federate"])
        var predecessor: JSONObject = ["room_id": .string(old.roomID.string)]
        // Where the new room's ID depends on its create event, the tombstone cannot be known yet; where it does not,
        // clients look for the last event that they know of the old room.
        if !rules.roomIDIsCreateEventHash {
            predecessor["event_id"] = old.head.latestEvent.map { .string($0.string) }
        }
        content["predecessor"] = .object(predecessor)
        if rules.createEventNamesAdditionalCreators, !additionalCreators.isEmpty {
            content["additional_creators"] = .array(additionalCreators.map { .string($0.string) })
        }
        return content
    }

    // MARK: The new room

    /// As long as the new room has no power levels, whoever has made it may set any state; so they come last, as they
    /// were, though they may leave less to whoever upgrades.
    private func copyState(from old: Room, to new: Room, by userID: UserID, _ context: WriteContext) throws {
        for type in RoomUpgrade.copiedTypes {
            guard let content = old.headState(StateTuple(type))?.content, !content.isEmpty else { continue }
            try append(EventDraft(type: type, stateKey: "", sender: userID, content: content), to: new, context)
        }
        let children = old.headStateEvents(ofType: EventType.spaceChild).filter { !$0.content.isEmpty }
        for child in children.prefix(Self.maximumCopiedChildren) {
            try append(
                EventDraft(
                    type: child.type, stateKey: child.stateKey ?? "", sender: userID, content: child.content),
                to: new, context)
        }
        let bans = old.headStateEvents(ofType: EventType.roomMember).filter { $0.pdu.membership == .ban }
        for ban in bans.prefix(Self.maximumCopiedBans) {
            try append(
                EventDraft(
                    type: ban.type, stateKey: ban.stateKey ?? "", sender: userID,
                    content: ban.content.keeping(only: ["membership", "reason"])),
                to: new, context)
        }
        guard let create = new.headState(StateTuple(EventType.roomCreate)) else { return }
        let former = old.headState(StateTuple(EventType.roomCreate)).map {
            PowerLevels.creators(of: $0.pdu, rules: old.rules)
        }
        let levels = RoomUpgrade.powerLevels(
            old.headState(StateTuple(EventType.roomPowerLevels))?.content ?? [:],
            formerCreators: old.rules.creatorsHaveInfinitePower ? former ?? [] : [],
            creators: PowerLevels.creators(of: create.pdu, rules: new.rules), rules: new.rules)
        try append(
            EventDraft(type: EventType.roomPowerLevels, stateKey: "", sender: userID, content: levels), to: new,
            context)
    }

    /// Aliases and the place in the directory.
    private func moveNames(from old: Room, to new: Room, _ context: WriteContext) throws {
        try context.store.moveAliases(from: old.number, to: new.number)
        if try context.store.room(old.number)?.isListed == true {
            try context.store.setListed(false, room: old.number)
            try context.store.setListed(true, room: new.number)
        }
    }

    // MARK: The old room

    private func close(_ old: Room, replacedBy new: Room, by userID: UserID, _ context: WriteContext) throws {
        let tombstone: JSONObject = [
            "body": "This room has been replaced", "replacement_room": .string(new.roomID.string),
        ]
        try append(
            EventDraft(type: EventType.roomTombstone, stateKey: "", sender: userID, content: tombstone), to: old,
            context)
        if old.headState(StateTuple(EventType.roomCanonicalAlias))?.content.isEmpty == false {
            try appendIfAllowed(EventType.roomCanonicalAlias, [:], to: old, by: userID, context)
        }
        let levels = old.headState(StateTuple(EventType.roomPowerLevels))?.content ?? [:]
        try appendIfAllowed(
            EventType.roomPowerLevels, RoomUpgrade.restricted(levels), to: old, by: userID, context)
    }

    /// "If possible": whoever may end a room need not be allowed everything else in it.
    private func appendIfAllowed(
        _ type: String, _ content: JSONObject, to room: Room, by userID: UserID, _ context: WriteContext
    ) throws {
        do {
            try context.attempt {
                try append(EventDraft(type: type, stateKey: "", sender: userID, content: content), to: room, context)
            }
        } catch let error as MatrixError where error.code == .forbidden {
            return
        }
    }
}

/// What an upgrade makes of a room's state.
enum RoomUpgrade {
    /// What is transferred besides bans, a space's children and power levels. Events whose sender matters are not.
    static let copiedTypes = [
        EventType.roomJoinRules, EventType.roomHistoryVisibility, EventType.roomGuestAccess,
        EventType.roomServerACL, EventType.roomEncryption, EventType.roomName, EventType.roomAvatar,
        EventType.roomTopic, EventType.roomCanonicalAlias, EventType.roomRetention, EventType.unstableRoomRetention,
    ]

    /// - Parameters:
    ///   - formerCreators: who stood above all levels in the old room.
    ///   - creators: of the new room.
    static func powerLevels(
        _ old: JSONObject, formerCreators: Set<UserID>, creators: Set<UserID>, rules: RoomVersionRules
    ) -> JSONObject {
        var content = old
        var users = content["users"]?.objectValue ?? [:]
        var events = content["events"]?.objectValue ?? [:]
        let stateDefault = content["state_default"]?.integerValue ?? 50
        let tombstone = events[EventType.roomTombstone]?.integerValue ?? stateDefault
        if rules.creatorsHaveInfinitePower {
            for creator in creators { users[creator.string] = nil }
            // Only creators end a room, unless they give the power away.
            events[EventType.roomTombstone] = .integer(max(tombstone, 150, stateDefault + 1))
        } else {
            for creator in creators.union(formerCreators) {
                users[creator.string] = .integer(max(100, users[creator.string]?.integerValue ?? 0))
            }
            // What was for creators alone is for those who stand where creators stood.
            if !formerCreators.isEmpty { events[EventType.roomTombstone] = .integer(min(tombstone, 100)) }
        }
        content["users"] = .object(users)
        content["events"] = .object(events)
        return content
    }

    /// Nobody but the powerful writes or invites any more.
    static func restricted(_ levels: JSONObject) -> JSONObject {
        var content = levels
        let floor = max(50, (levels["users_default"]?.integerValue ?? 0) + 1)
        for key in ["events_default", "invite"] {
            content[key] = .integer(max(floor, levels[key]?.integerValue ?? 0))
        }
        return content
    }
}
