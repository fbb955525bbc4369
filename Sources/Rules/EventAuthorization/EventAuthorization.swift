import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers

/// Whether a room's state allows an event.
///
/// The code follows the numbered rules in their order. Where versions number a rule differently, `v11` is its number
/// in version 11 and `v12` the one in version 12.
///
/// https://spec.matrix.org/v1.19/rooms/v11/#authorisation-rules
/// https://spec.matrix.org/v1.19/rooms/v12/#authorisation-rules
public enum EventAuthorization {
    /// Applies the rules to an event and the state before it.
    ///
    /// Three things are not to be seen from here and stay with the caller: ``checkAuthEvents(_:authEvents:rules:)``,
    /// the signatures (see ``EventVerification/requiredSigners(of:)``), and whether the create event was itself
    /// rejected.
    ///
    /// - Parameter state: answers the event that the state has for a tuple, in every room version also for the create
    ///   event. Not called for create events.
    /// - Throws: the first rule that rejects the event.
    public static func authorize(
        _ event: PersistentDataUnit, rules: RoomVersionRules, state: (StateTuple) -> PersistentDataUnit?
    ) throws(AuthorizationError) {
        // 1.
        if event.type == EventType.roomCreate { return try authorizeCreate(event, rules: rules) }
        // v11: without the create event, rule 2.4 has rejected the event.
        guard let createEvent = state(createTuple) else {
            throw rules.rejection(v11: "2.4", v12: "2", "the room has no create event")
        }
        // Since v12: 2.
        if rules.roomIDIsCreateEventHash, !event.roomID.isDerived(from: createEvent.eventID) {
            throw AuthorizationError(rule: "2", reason: "the room ID does not stand for the room's create event")
        }
        // v11 3, v12 4.
        try checkFederation(event, createEvent: createEvent, rules: rules)

        try withoutActuallyEscaping(state) { state throws(AuthorizationError) in
            let room = RoomBeforeEvent(createEvent: createEvent, rules: rules, state: state)
            // v11 4, v12 5.
            if event.type == EventType.roomMember {
                try MembershipAuthorization(event, in: room).authorize()
            } else {
                try authorizeMembersEvent(event, in: room)
            }
        }
    }

    /// The rules after the one about memberships.
    private static func authorizeMembersEvent(
        _ event: PersistentDataUnit, in room: RoomBeforeEvent
    ) throws(AuthorizationError) {
        // v11 5, v12 6.
        guard room.membership(of: event.sender.string) == .join else {
            throw room.rules.rejection(v11: "5", v12: "6", "the sender is not in the room")
        }
        let senderLevel = room.powerLevels.level(of: event.sender)
        // v11 6, v12 7.
        if event.type == EventType.roomThirdPartyInvite {
            guard senderLevel >= room.powerLevels.invite else {
                throw room.rules.rejection(v11: "6", v12: "7", "the sender may not invite")
            }
            return
        }
        // v11 7, v12 8.
        guard senderLevel >= room.powerLevels.required(forType: event.type, isState: event.stateKey != nil) else {
            throw room.rules.rejection(
                v11: "7", v12: "8", "the sender's power level is too low to send \(event.type)")
        }
        // v11 8, v12 9.
        if let stateKey = event.stateKey, stateKey.utf8.first == UInt8(ascii: "@"),
            !utf8Equal(stateKey, event.sender.string)
        {
            throw room.rules.rejection(v11: "8", v12: "9", "the state key is another user's ID")
        }
        // v11 9, v12 10.
        if event.type == EventType.roomPowerLevels {
            try PowerLevelsAuthorization(event, senderLevel: senderLevel, in: room).authorize()
        }
        // v11 10, v12 11: otherwise, allow.
    }

    private static let createTuple = StateTuple(EventType.roomCreate)

    /// Rule 1.
    private static func authorizeCreate(
        _ event: PersistentDataUnit, rules: RoomVersionRules
    ) throws(AuthorizationError) {
        // 1.1.
        guard event.prevEvents.isEmpty else {
            throw AuthorizationError(rule: "1.1", reason: "a create event has previous events")
        }
        // 1.2.
        if rules.roomIDIsCreateEventHash {
            // Since v12. An event with a `room_id` cannot have the one that follows from its own hash.
            guard event.roomID.isDerived(from: event.eventID) else {
                throw AuthorizationError(rule: "1.2", reason: "a create event has a room_id")
            }
        } else {
            // v11.
            guard event.roomID.serverName == event.sender.serverName else {
                throw AuthorizationError(rule: "1.2", reason: "the room ID is of another server than the sender")
            }
        }
        // 1.3.
        if let version = event.content["room_version"] {
            guard let identifier = version.stringValue, RoomVersionRules.named(identifier) != nil else {
                throw AuthorizationError(rule: "1.3", reason: "the room version is not supported")
            }
        }
        // Since v12: 1.4.
        if rules.createEventNamesAdditionalCreators, let creators = event.content["additional_creators"] {
            guard let creators = creators.arrayValue,
                creators.allSatisfy({ $0.stringValue.flatMap(UserID.init) != nil })
            else {
                throw AuthorizationError(rule: "1.4", reason: "additional_creators is not a list of user IDs")
            }
        }
        // v11 1.4, v12 1.5: otherwise, allow.
    }

    private static func checkFederation(
        _ event: PersistentDataUnit, createEvent: PersistentDataUnit, rules: RoomVersionRules
    ) throws(AuthorizationError) {
        guard createEvent.content["m.federate"]?.boolValue == false,
            event.sender.serverName != createEvent.sender.serverName
        else { return }
        throw rules.rejection(v11: "3", v12: "4", "the room is for users of the creator's server only")
    }
}
