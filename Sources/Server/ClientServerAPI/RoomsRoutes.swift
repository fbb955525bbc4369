import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixClientAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms
import ServerEnvironment
import Sync

/// Reading a room's events and state.
struct RoomsRoutes: Routes {
    let rooms: RoomService
    let presenter: EventPresenter
    let environment: ServerEnvironment

    func register(on table: inout RouteTable) {
        table.on(.getOneRoomEvent, use: getOneRoomEvent)
        table.on(.getRoomStateWithKey, use: getRoomStateWithKey)
        table.on(.getRoomState, use: getRoomState)
        table.on(.getMembersByRoom, use: getMembersByRoom)
        table.on(.getJoinedMembersByRoom, use: getJoinedMembersByRoom)
    }

    private func getOneRoomEvent(_ call: Call) async throws -> Reply {
        let eventID = try call.identifier("eventId", EventID.self)
        // The first is the name that the proposal's clients use now (MSC2815).
        let wantsUnredacted =
            try call.bool("fi.mau.msc2815.include_unredacted_content") ?? call.bool("include_unredacted_content")
        let event =
            wantsUnredacted == true
            ? try await rooms.unredactedEvent(eventID, in: call.roomID(), userID: call.userID)
            : try await rooms.event(eventID, in: call.roomID(), userID: call.userID)
        return .bytes(try await presenter.format(of: [event], for: call).bytes(event))
    }

    private func getRoomStateWithKey(_ call: Call) async throws -> Reply {
        let state = try await rooms.state(of: call.roomID(), userID: call.userID)
        guard let event = state[call.parameters["eventType"], call.parameters["stateKey"]] else {
            throw MatrixError.notFound("the room has no such state")
        }
        guard call.query["format"] == "event" else { return .json(event.content) }
        return .bytes(call.format(environment).bytes(event))
    }

    private func getRoomState(_ call: Call) async throws -> Reply {
        let state = try await rooms.state(of: call.roomID(), userID: call.userID)
        return .bytes(call.format(environment).array(state.all.sorted { $0.position < $1.position }))
    }

    private func getMembersByRoom(_ call: Call) async throws -> Reply {
        let at = try call.query["at"].map { try SyncToken(parsing: $0, name: "at") }
        let wanted = try call.membership("membership")
        let unwanted = try call.membership("not_membership")
        let state = try await rooms.state(of: call.roomID(), userID: call.userID, at: at?.position)
        let members = state.events(ofType: EventType.roomMember).filter { member in
            // Given together, they are alternatives.
            if let wanted, member.pdu.membership == wanted { return true }
            return unwanted.map { member.pdu.membership != $0 } ?? (wanted == nil)
        }
        var bytes = Array("{\"chunk\":".utf8)
        bytes += call.format(environment).array(members.sorted { $0.position < $1.position })
        bytes.append(UInt8(ascii: "}"))
        return .bytes(bytes)
    }

    private func getJoinedMembersByRoom(_ call: Call) async throws -> Reply {
        let members = try await rooms.joinedMembers(of: call.roomID(), userID: call.userID)
        let joined = members.map { member -> (String, JSONValue) in
            var profile = JSONObject()
            profile["display_name"] = member.content["displayname"]
            profile["avatar_url"] = member.content["avatar_url"]
            return (member.stateKey ?? "", .object(profile))
        }
        return .json(["joined": .object(JSONObject(members: joined))])
    }
}

extension Call {
    fileprivate func membership(_ name: String) throws(MatrixError) -> Membership? {
        guard let text = query[name] else { return nil }
        guard let membership = Membership(rawValue: text) else {
            throw .invalidParameter("'\(name)' is no membership: '\(text.prefix(40))'")
        }
        return membership
    }

    /// How events are written in answers other than `/sync`.
    func format(_ environment: ServerEnvironment) -> ClientEventFormat {
        ClientEventFormat(includesRoomID: true, device: session.device, now: environment.timestamp)
    }
}

extension ClientEventFormat {
    /// A JSON array of events.
    func array(_ events: some Sequence<RoomEvent>) -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 4096)
        writer.array { writer in
            for event in events { writer.raw { write(event, to: &$0) } }
        }
        return writer.bytes
    }
}

extension SyncToken {
    /// - Parameter name: of the query parameter, for the error.
    init(parsing text: String, name: String) throws(MatrixError) {
        guard let token = SyncToken(text) else { throw .invalidParameter("'\(name)' is not a token of this server") }
        self = token
    }
}
