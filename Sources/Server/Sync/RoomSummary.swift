import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers
import Rooms

/// What a client needs to name a room that has no name: who is in it.
///
/// https://spec.matrix.org/v1.19/client-server-api/#calculating-the-display-name-for-a-room
struct RoomSummary: Sendable {
    private static let maximumHeroes = 5

    /// Others who are joined or invited, else those who were; by the order in which they came. Empty in a named room.
    let heroes: [UserID]
    let joinedCount: Int
    let invitedCount: Int

    init(room: Room, userID: UserID) {
        (heroes, joinedCount, invitedCount) = room.read { view in
            let isNamed = [(EventType.roomName, "name"), (EventType.roomCanonicalAlias, "alias")].contains {
                type, key in
                view.state[type]?.content[key]?.stringValue?.isEmpty == false
            }
            return (isNamed ? [] : Self.heroes(in: view, userID: userID), view.joinedCount, view.invitedCount)
        }
    }

    private static func heroes(in view: RoomView, userID: UserID) -> [UserID] {
        var present: [RoomEvent] = []
        var former: [RoomEvent] = []
        for member in view.state.events(ofType: EventType.roomMember) where member.stateKey != userID.string {
            switch member.pdu.membership {
            case .join, .invite: insert(member, into: &present)
            case .leave, .ban: insert(member, into: &former)
            case .knock, nil: break
            }
        }
        return (present.isEmpty ? former : present).compactMap { $0.stateKey.flatMap(UserID.init) }
    }

    /// Keeps the earliest few in order, without sorting all members of a large room.
    private static func insert(_ member: RoomEvent, into heroes: inout [RoomEvent]) {
        let index = heroes.firstIndex { $0.position > member.position } ?? heroes.count
        guard index < maximumHeroes else { return }
        heroes.insert(member, at: index)
        if heroes.count > maximumHeroes { heroes.removeLast() }
    }

    /// Whether a change of that state can change the summary.
    static func dependsOn(_ event: RoomEvent) -> Bool {
        [EventType.roomMember, EventType.roomName, EventType.roomCanonicalAlias].contains { event.type == $0 }
    }

    var json: JSONObject {
        var json: JSONObject = [
            "m.joined_member_count": .integer(Int64(joinedCount)),
            "m.invited_member_count": .integer(Int64(invitedCount)),
        ]
        if !heroes.isEmpty { json["m.heroes"] = .array(heroes.map { .string($0.string) }) }
        return json
    }
}
