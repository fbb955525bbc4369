import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers

/// What the authorization rules ask the state before an event.
struct RoomBeforeEvent {
    let createEvent: PersistentDataUnit
    let rules: RoomVersionRules
    let powerLevelsEvent: PersistentDataUnit?
    let powerLevels: PowerLevels
    private let state: (StateTuple) -> PersistentDataUnit?

    init(
        createEvent: PersistentDataUnit, rules: RoomVersionRules, state: @escaping (StateTuple) -> PersistentDataUnit?
    ) {
        self.createEvent = createEvent
        self.rules = rules
        self.state = state
        powerLevelsEvent = state(Self.powerLevelsTuple)
        powerLevels = PowerLevels(event: powerLevelsEvent, createEvent: createEvent, rules: rules)
    }

    /// Nil for who never had to do with the room.
    func membership(of user: String) -> Membership? {
        state(StateTuple(EventType.roomMember, user))?.membership
    }

    /// `invite` when the room does not say: nobody joins uninvited by accident.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#mroomjoin_rules
    var joinRule: String {
        state(Self.joinRulesTuple)?.content["join_rule"]?.stringValue ?? "invite"
    }

    func thirdPartyInvite(token: String) -> PersistentDataUnit? {
        state(StateTuple(EventType.roomThirdPartyInvite, token))
    }

    private static let powerLevelsTuple = StateTuple(EventType.roomPowerLevels)
    private static let joinRulesTuple = StateTuple(EventType.roomJoinRules)
}
