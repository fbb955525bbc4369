import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers

/// What a user has set for a room goes with him into the room that replaced it.
///
/// https://spec.matrix.org/v1.19/client-server-api/#server-behaviour-19
extension RoomService {
    /// In a command, after the user has joined `room`: takes over tags, push rules and `m.direct` from the room that
    /// it replaced, if he was in that one and it says itself that it was replaced.
    func inheritSettings(of userID: UserID, in room: Room, _ context: WriteContext) throws {
        let create = room.headState(StateTuple(EventType.roomCreate))?.content
        guard
            let predecessor = create?["predecessor"]?.objectValue?["room_id"]?.stringValue.flatMap(RoomID.init),
            let old = try registry.room(predecessor, in: context), old.headMembership(of: userID) != nil,
            old.headState(StateTuple(EventType.roomTombstone))?.content["replacement_room"]?.stringValue
                .flatMap(RoomID.init) == room.roomID
        else { return }
        let store: any StoreWriter = context.store
        if try store.accountData(EventType.tag, of: userID, room: room.number) == nil,
            let tags = try store.accountData(EventType.tag, of: userID, room: old.number)
        {
            try set(EventType.tag, of: userID, room: room.number, to: tags.content, context)
        }
        for (type, change) in [
            (EventType.direct, RoomSuccession.direct), (EventType.pushRules, RoomSuccession.pushRules),
        ] {
            guard let present = try store.accountData(type, of: userID, room: nil),
                let content = try JSONParser.parse(present.content).objectValue
            else { continue }
            let changed = change(content, old.roomID, room.roomID)
            if changed != content { try set(type, of: userID, room: nil, to: changed.bytes(), context) }
        }
    }

    private func set(
        _ type: String, of userID: UserID, room: RoomNumber?, to content: [UInt8], _ context: WriteContext
    ) throws {
        let position = context.nextPosition()
        try context.store.setAccountData(type, of: userID, room: room, content: content, at: position)
        context.publish(.accountData(userID: userID, room: room, position: position))
    }
}

/// How account data that names a room is to name its successor too.
enum RoomSuccession {
    /// `m.direct`: the successor stands with the same people.
    static func direct(_ content: JSONObject, from old: RoomID, to new: RoomID) -> JSONObject {
        JSONObject(
            members: content.members.map { member in
                guard let rooms = member.value.arrayValue, rooms.contains(.string(old.string)),
                    !rooms.contains(.string(new.string))
                else { return (member.key, member.value) }
                return (member.key, .array(rooms + [.string(new.string)]))
            })
    }

    /// `m.push_rules`: rules whose ID is the room, and those of the kind `override` that mute it.
    static func pushRules(_ content: JSONObject, from old: RoomID, to new: RoomID) -> JSONObject {
        guard var global = content["global"]?.objectValue else { return content }
        for kind in ["override", "room"] {
            guard var rules = global[kind]?.arrayValue else { continue }
            let known = rules.compactMap { $0.objectValue?["rule_id"]?.stringValue }
            guard !known.contains(new.string),
                let index = rules.firstIndex(where: { $0.objectValue?["rule_id"] == .string(old.string) })
            else { continue }
            rules.insert(replacing(old.string, by: new.string, in: rules[index]), at: index)
            global[kind] = .array(rules)
        }
        var result = content
        result["global"] = .object(global)
        return result
    }

    private static func replacing(_ old: String, by new: String, in value: JSONValue) -> JSONValue {
        switch value {
        case .string(let string) where utf8Equal(string, old): .string(new)
        case .array(let values): .array(values.map { replacing(old, by: new, in: $0) })
        case .object(let object):
            .object(JSONObject(members: object.members.map { ($0.key, replacing(old, by: new, in: $0.value)) }))
        default: value
        }
    }
}
