import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers
import Rules

/// What a user asks for when making a room.
///
/// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3createroom
public struct RoomCreation: Sendable {
    public enum Preset: String, Sendable {
        case privateChat = "private_chat"
        case trustedPrivateChat = "trusted_private_chat"
        case publicChat = "public_chat"
    }

    public struct InitialState: Sendable {
        public let type: String
        public let stateKey: String
        public let content: JSONObject

        public init(type: String, stateKey: String, content: JSONObject) {
            self.type = type
            self.stateKey = stateKey
            self.content = content
        }
    }

    public var version: RoomVersionRules?
    public var preset: Preset = .privateChat
    /// Whether the room is to stand in the public directory.
    public var isListed = false
    /// What stands before the colon of the alias.
    public var aliasLocalpart: String?
    public var name: String?
    public var topic: String?
    public var invitees: [UserID] = []
    public var isDirect = false
    public var creationContent: JSONObject = [:]
    public var initialState: [InitialState] = []
    public var powerLevelOverride: JSONObject = [:]
    /// Whether the presets for private rooms encrypt.
    var encryptsPrivateRooms = false

    public init() {}

    /// The events that follow the creator's join, in the specification's order; `initialState` stands in for what
    /// the preset says of the same type.
    func events(alias: RoomAlias?, creator: UserID, rules: RoomVersionRules) -> [InitialState] {
        var events = [powerLevels(creator: creator, rules: rules)]
        if let alias {
            events.append(
                InitialState(
                    type: EventType.roomCanonicalAlias, stateKey: "", content: ["alias": .string(alias.string)]))
        }
        let overridden = Set(initialState.filter(\.stateKey.isEmpty).map { ByteExactString($0.type) })
        events += presetEvents.filter { !overridden.contains(ByteExactString($0.type)) }
        events += initialState
        if let name {
            events.append(InitialState(type: EventType.roomName, stateKey: "", content: ["name": .string(name)]))
        }
        if let topic {
            let text: JSONValue = ["m.text": [["body": .string(topic)]]]
            events.append(
                InitialState(
                    type: EventType.roomTopic, stateKey: "", content: ["topic": .string(topic), "m.topic": text]))
        }
        return events
    }

    private var presetEvents: [InitialState] {
        let isPublic = preset == .publicChat
        let encryption = InitialState(
            type: EventType.roomEncryption, stateKey: "", content: ["algorithm": "m.megolm.v1.aes-sha2"])
        return [
            InitialState(
                type: EventType.roomJoinRules, stateKey: "", content: ["join_rule": isPublic ? "public" : "invite"]),
            InitialState(
                type: EventType.roomHistoryVisibility, stateKey: "", content: ["history_visibility": "shared"]),
            InitialState(
                type: EventType.roomGuestAccess, stateKey: "",
                content: ["guest_access": isPublic ? "forbidden" : "can_join"]),
        ] + (encryptsPrivateRooms && !isPublic ? [encryption] : [])
    }

    private func powerLevels(creator: UserID, rules: RoomVersionRules) -> InitialState {
        var users = JSONObject()
        if !rules.creatorsHaveInfinitePower {
            users[creator.string] = 100
            if preset == .trustedPrivateChat { for invitee in invitees { users[invitee.string] = 100 } }
        }
        var content: JSONObject = [
            "ban": 50, "kick": 50, "redact": 50, "invite": preset == .publicChat ? 50 : 0,
            "users_default": 0, "events_default": 0, "state_default": 50,
            "users": .object(users),
            "events": [
                "m.room.avatar": 50, "m.room.canonical_alias": 50, "m.room.encryption": 100,
                "m.room.history_visibility": 100, "m.room.name": 50, "m.room.power_levels": 100,
                "m.room.server_acl": 100,
                // From version 12 on, only creators may end a room, unless they give the power away.
                "m.room.tombstone": rules.creatorsHaveInfinitePower ? 150 : 100,
                // Everybody may join a call.
                "org.matrix.msc3401.call.member": 0,
            ],
        ]
        for member in powerLevelOverride.members { content[member.key] = member.value }
        return InitialState(type: EventType.roomPowerLevels, stateKey: "", content: content)
    }

    /// The content of the create event.
    func createContent(creator: UserID, rules: RoomVersionRules) -> JSONObject {
        var content = creationContent
        content["creator"] = nil
        content["room_version"] = .string(rules.identifier)
        if rules.createEventNamesAdditionalCreators, preset == .trustedPrivateChat {
            var creators = content["additional_creators"]?.arrayValue ?? []
            let added = invitees.filter { $0 != creator }.map { JSONValue.string($0.string) }
            creators += added.filter { !creators.contains($0) }
            if !creators.isEmpty { content["additional_creators"] = .array(creators) }
        }
        return content
    }
}
