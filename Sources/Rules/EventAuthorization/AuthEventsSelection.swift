import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers

extension EventAuthorization {
    /// The state that the `auth_events` of a new event must name, as far as the room has it. No tuple stands twice.
    ///
    /// https://spec.matrix.org/v1.19/server-server-api/#auth-events-selection
    public static func authEventTuples(
        type: String, stateKey: String?, sender: UserID, content: JSONObject, rules: RoomVersionRules
    ) -> [StateTuple] {
        guard type != EventType.roomCreate else { return [] }
        var tuples: [StateTuple] = []
        tuples.reserveCapacity(4)
        if rules.createEventIsAuthEvent { tuples.append(StateTuple(EventType.roomCreate)) }
        tuples.append(StateTuple(EventType.roomPowerLevels))
        tuples.append(StateTuple(EventType.roomMember, sender.string))
        if type == EventType.roomMember, let stateKey {
            for tuple in memberAuthEventTuples(target: stateKey, content: content) where !tuples.contains(tuple) {
                tuples.append(tuple)
            }
        }
        return tuples
    }

    private static func memberAuthEventTuples(target: String, content: JSONObject) -> [StateTuple] {
        var tuples = [StateTuple(EventType.roomMember, target)]
        let membership = content["membership"]?.stringValue.flatMap(Membership.init)
        if membership == .join || membership == .invite || membership == .knock {
            tuples.append(StateTuple(EventType.roomJoinRules))
        }
        if membership == .invite,
            let token = content["third_party_invite"]?.objectValue?["signed"]?.objectValue?["token"]?.stringValue
        {
            tuples.append(StateTuple(EventType.roomThirdPartyInvite, token))
        }
        if membership == .join, let authorizer = content["join_authorised_via_users_server"]?.stringValue {
            tuples.append(StateTuple(EventType.roomMember, authorizer))
        }
        return tuples
    }

    /// Rule 2 of version 11, rule 3 of version 12: what the event claims to be allowed by.
    ///
    /// That none of the events was itself rejected (step 3 of the rule) is for the caller to know.
    ///
    /// - Parameter authEvents: the events that `event.authEvents` names.
    public static func checkAuthEvents(
        _ event: PersistentDataUnit, authEvents: [PersistentDataUnit], rules: RoomVersionRules
    ) throws(AuthorizationError) {
        // Rule 1 decides about create events before this rule is reached.
        guard event.type != EventType.roomCreate else { return }
        let expected = authEventTuples(
            type: event.type, stateKey: event.stateKey, sender: event.sender, content: event.content, rules: rules)
        var seen: Set<StateTuple> = []
        for authEvent in authEvents {
            // v11 2.1, v12 3.1
            if let tuple = authEvent.stateTuple, !seen.insert(tuple).inserted {
                throw rules.rejection(v11: "2.1", v12: "3.1", "auth_events names two events for \(tuple.type)")
            }
        }
        for authEvent in authEvents {
            // v11 2.2, v12 3.2: a message event is never selected.
            guard let tuple = authEvent.stateTuple, expected.contains(tuple) else {
                throw rules.rejection(
                    v11: "2.2", v12: "3.2", "auth_events names \(authEvent.type), which this event has no use for")
            }
        }
        // v11 2.4
        if rules.createEventIsAuthEvent, !seen.contains(StateTuple(EventType.roomCreate)) {
            throw AuthorizationError(rule: "2.4", reason: "auth_events lacks the create event")
        }
        // v11 2.5, v12 3.5
        for authEvent in authEvents where authEvent.roomID != event.roomID {
            throw rules.rejection(v11: "2.5", v12: "3.5", "auth_events names an event of another room")
        }
    }
}
