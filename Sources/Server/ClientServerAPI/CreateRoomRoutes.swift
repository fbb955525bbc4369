import ApplicationServices
import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers
import Rooms
import Rules

struct CreateRoomRoutes: Routes {
    let rooms: RoomService
    let applicationServices: ApplicationServiceTable

    func register(on table: inout RouteTable) {
        table.on(.createRoom) { call in
            let creation = try RoomCreation(json: call.bodyOrEmpty())
            if let localpart = creation.aliasLocalpart {
                try applicationServices.check(rooms.localAlias(localpart: localpart), madeBy: call.applicationService)
            }
            let roomID = try await rooms.create(creation, creator: call.userID)
            return .json(["room_id": .string(roomID.string)])
        }
    }
}

extension RoomCreation {
    init(json: JSONObject) throws(MatrixError) {
        self.init()
        if let identifier = try json.optionalString("room_version") {
            guard let rules = RoomVersionRules.named(identifier) else {
                throw MatrixError(
                    400, .unsupportedRoomVersion, "rooms of version '\(identifier.prefix(40))' cannot be made here")
            }
            version = rules
        }
        switch try json.optionalString("visibility") {
        case nil, "private": break
        case "public":
            isListed = true
            preset = .publicChat
        default: throw .invalidParameter("'visibility' must be public or private")
        }
        if let name = try json.optionalString("preset") {
            guard let preset = Preset(rawValue: name) else {
                throw .invalidParameter("there is no preset '\(name.prefix(40))'")
            }
            self.preset = preset
        }
        aliasLocalpart = try json.optionalString("room_alias_name")
        name = try json.optionalString("name")
        topic = try json.optionalString("topic")
        isDirect = try json.optionalBool("is_direct") ?? false
        creationContent = try json.optionalObject("creation_content") ?? [:]
        powerLevelOverride = try json.optionalObject("power_level_content_override") ?? [:]
        invitees = try Self.invitees(json)
        initialState = try Self.initialState(json)
    }

    private static func invitees(_ json: JSONObject) throws(MatrixError) -> [UserID] {
        if let thirdParty = try json.optionalArray("invite_3pid"), !thirdParty.isEmpty {
            throw MatrixError(
                400, .threepidMediumNotSupported, "people can be invited by their user ID only")
        }
        var invitees: [UserID] = []
        for string in try json.optionalStrings("invite") ?? [] {
            guard let userID = UserID(string) else {
                throw .invalidParameter("'invite' names no user ID: '\(string.prefix(80))'")
            }
            if !invitees.contains(userID) { invitees.append(userID) }
        }
        return invitees
    }

    private static func initialState(_ json: JSONObject) throws(MatrixError) -> [InitialState] {
        var states: [InitialState] = []
        for object in try json.optionalObjects("initial_state") ?? [] {
            states.append(
                InitialState(
                    type: try object.string("type"), stateKey: try object.optionalString("state_key") ?? "",
                    content: try object.object("content")))
        }
        return states
    }
}
