/// What sets one room version apart from another, as data: each version is the one before it plus what changed.
///
/// https://spec.matrix.org/v1.19/rooms/
public struct RoomVersionRules: Sendable, Equatable {
    /// How the version numbers its authorization rules, so that a rejection can be looked up in its document.
    public enum AuthorizationRuleNumbering: Sendable {
        /// https://spec.matrix.org/v1.19/rooms/v11/#authorisation-rules
        case v11
        /// Version 12 has a rule about the room ID in second place, so later rules moved by one.
        ///
        /// https://spec.matrix.org/v1.19/rooms/v12/#authorisation-rules
        case v12
    }

    /// `"11"`, `"12"`: the `room_version` of the create event.
    public private(set) var identifier: String
    /// The room ID is the create event's ID with the sigil `!`, and the create event has no `room_id`. Otherwise the
    /// room ID names the creator's server.
    public private(set) var roomIDIsCreateEventHash: Bool
    /// The create event is selected for `auth_events`. Otherwise the room ID implies it and naming it is an error.
    public private(set) var createEventIsAuthEvent: Bool
    /// The room's creators stand above all power levels and cannot be named in them. Otherwise the creator has level
    /// 100, and only until there is a power levels event.
    public private(set) var creatorsHaveInfinitePower: Bool
    /// `additional_creators` in the create event's content names users who are creators too.
    public private(set) var createEventNamesAdditionalCreators: Bool
    public private(set) var authorizationRuleNumbering: AuthorizationRuleNumbering

    /// https://spec.matrix.org/v1.19/rooms/v11/
    public static let v11 = RoomVersionRules(
        identifier: "11",
        roomIDIsCreateEventHash: false,
        createEventIsAuthEvent: true,
        creatorsHaveInfinitePower: false,
        createEventNamesAdditionalCreators: false,
        authorizationRuleNumbering: .v11
    )

    /// https://spec.matrix.org/v1.19/rooms/v12/
    public static let v12 = v11.changed {
        $0.identifier = "12"
        $0.roomIDIsCreateEventHash = true
        $0.createEventIsAuthEvent = false
        $0.creatorsHaveInfinitePower = true
        $0.createEventNamesAdditionalCreators = true
        $0.authorizationRuleNumbering = .v12
    }

    /// The versions in which rooms can be made here and be joined, oldest first.
    public static let supported: [RoomVersionRules] = [.v11, .v12]

    /// The version of rooms made without naming one.
    ///
    /// https://spec.matrix.org/v1.19/rooms/#complete-list-of-room-versions
    public static let `default`: RoomVersionRules = .v12

    /// Nil when the version is not supported.
    public static func named(_ identifier: String) -> RoomVersionRules? {
        // Version identifiers of ours are digits, which have no canonically equivalent twins.
        supported.first { $0.identifier == identifier }
    }

    private func changed(_ change: (inout RoomVersionRules) -> Void) -> RoomVersionRules {
        var result = self
        change(&result)
        return result
    }
}
