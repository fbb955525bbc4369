import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers

/// Rule 4 of version 11, rule 5 of version 12: who may change whose membership.
///
/// Steps are numbered from here: `3.2` is 4.3.2 in version 11 and 5.3.2 in version 12.
struct MembershipAuthorization {
    private let event: PersistentDataUnit
    private let room: RoomBeforeEvent
    private let sender: String

    init(_ event: PersistentDataUnit, in room: RoomBeforeEvent) {
        self.event = event
        self.room = room
        sender = event.sender.string
    }

    func authorize() throws(AuthorizationError) {
        // 1.
        guard let target = event.stateKey, let membership = event.content["membership"]?.stringValue else {
            throw rejection("1", "a membership event needs a state key and a membership")
        }
        // 2. Whether that user's server has signed is checked with the other signatures.
        if let authorizer = event.content["join_authorised_via_users_server"] {
            guard authorizer.stringValue.flatMap(UserID.init) != nil else {
                throw rejection("2", "join_authorised_via_users_server is not a user ID")
            }
        }
        switch Membership(rawValue: membership) {
        case .join: try authorizeJoin(target)
        case .invite: try authorizeInvite(target)
        case .leave: try authorizeLeave(target)
        case .ban: try authorizeBan(target)
        case .knock: try authorizeKnock(target)
        // 8.
        case nil: throw rejection("8", "the membership is unknown")
        }
    }

    func rejection(_ step: String, _ reason: String) -> AuthorizationError {
        room.rules.rejection(v11: "4.\(step)", v12: "5.\(step)", reason)
    }

    /// 3.
    private func authorizeJoin(_ target: String) throws(AuthorizationError) {
        // 3.1.
        if event.prevEvents == [room.createEvent.eventID], utf8Equal(target, room.createEvent.sender.string) { return }
        // 3.2.
        guard utf8Equal(sender, target) else { throw rejection("3.2", "nobody can join for somebody else") }
        let membership = room.membership(of: sender)
        // 3.3.
        guard membership != .ban else { throw rejection("3.3", "the sender is banned") }
        let isInvitedOrJoined = membership == .invite || membership == .join
        switch room.joinRule {
        // 3.4.
        case "invite", "knock":
            if isInvitedOrJoined { return }
        // 3.5.
        case "restricted", "knock_restricted":
            // 3.5.1.
            if isInvitedOrJoined { return }
            // 3.5.2.
            guard isAuthorizedByMember else {
                throw rejection("3.5.2", "no member who may invite has authorised the join")
            }
            // 3.5.3.
            return
        // 3.6.
        case "public": return
        default: break
        }
        // 3.7.
        throw rejection("3.7", "the room's join rule does not let the sender in without an invite")
    }

    private var isAuthorizedByMember: Bool {
        guard let authorizer = event.content["join_authorised_via_users_server"]?.stringValue else { return false }
        return room.membership(of: authorizer) == .join
            && room.powerLevels.level(ofMember: authorizer) >= room.powerLevels.invite
    }

    /// 4.
    private func authorizeInvite(_ target: String) throws(AuthorizationError) {
        // 4.1.
        if let invite = event.content["third_party_invite"] {
            return try authorizeThirdPartyInvite(invite, target: target)
        }
        // 4.2.
        guard room.membership(of: sender) == .join else { throw rejection("4.2", "the sender is not in the room") }
        // 4.3.
        let targetMembership = room.membership(of: target)
        guard targetMembership != .join, targetMembership != .ban else {
            throw rejection("4.3", "the invited user is \(targetMembership == .ban ? "banned" : "in the room already")")
        }
        // 4.4 and 4.5.
        guard senderLevel >= room.powerLevels.invite else { throw rejection("4.5", "the sender may not invite") }
    }

    /// 4.1.
    private func authorizeThirdPartyInvite(_ invite: JSONValue, target: String) throws(AuthorizationError) {
        // 4.1.1.
        guard room.membership(of: target) != .ban else { throw rejection("4.1.1", "the invited user is banned") }
        // 4.1.2.
        guard let signed = invite.objectValue?["signed"]?.objectValue else {
            throw rejection("4.1.2", "third_party_invite has no signed object")
        }
        // 4.1.3.
        guard let userID = signed["mxid"]?.stringValue, let token = signed["token"]?.stringValue else {
            throw rejection("4.1.3", "the signed third-party invite lacks mxid or token")
        }
        // 4.1.4.
        guard utf8Equal(userID, target) else {
            throw rejection("4.1.4", "the signed third-party invite is for another user")
        }
        // 4.1.5.
        guard let announced = room.thirdPartyInvite(token: token) else {
            throw rejection("4.1.5", "the room has no third-party invite with that token")
        }
        // 4.1.6.
        guard announced.sender == event.sender else {
            throw rejection("4.1.6", "another user made the third-party invite")
        }
        // 4.1.7 and 4.1.8.
        guard ThirdPartyInviteSignature.holds(for: signed, announcedBy: announced.content) else {
            throw rejection("4.1.8", "no signature of the third-party invite is by one of its keys")
        }
    }

    /// 5.
    private func authorizeLeave(_ target: String) throws(AuthorizationError) {
        let senderMembership = room.membership(of: sender)
        // 5.1.
        if utf8Equal(sender, target) {
            switch senderMembership {
            case .invite, .join, .knock: return
            case .leave, .ban, nil: throw rejection("5.1", "the sender is not in the room, invited or knocking")
            }
        }
        // 5.2.
        guard senderMembership == .join else { throw rejection("5.2", "the sender is not in the room") }
        // 5.3.
        if room.membership(of: target) == .ban, senderLevel < room.powerLevels.ban {
            throw rejection("5.3", "the sender may not lift bans")
        }
        // 5.4 and 5.5.
        guard senderLevel >= room.powerLevels.kick, room.powerLevels.level(ofMember: target) < senderLevel else {
            throw rejection("5.5", "the sender's power level is too low to remove that user")
        }
    }

    /// 6.
    private func authorizeBan(_ target: String) throws(AuthorizationError) {
        // 6.1.
        guard room.membership(of: sender) == .join else { throw rejection("6.1", "the sender is not in the room") }
        // 6.2 and 6.3.
        guard senderLevel >= room.powerLevels.ban, room.powerLevels.level(ofMember: target) < senderLevel else {
            throw rejection("6.3", "the sender's power level is too low to ban that user")
        }
    }

    /// 7.
    private func authorizeKnock(_ target: String) throws(AuthorizationError) {
        // 7.1.
        let joinRule = room.joinRule
        guard joinRule == "knock" || joinRule == "knock_restricted" else {
            throw rejection("7.1", "the room does not take knocks")
        }
        // 7.2.
        guard utf8Equal(sender, target) else { throw rejection("7.2", "nobody can knock for somebody else") }
        // 7.3 and 7.4.
        switch room.membership(of: sender) {
        case .leave, .knock, nil: return
        case .ban, .invite, .join: throw rejection("7.4", "the sender is banned, invited or in the room already")
        }
    }

    private var senderLevel: PowerLevel { room.powerLevels.level(of: event.sender) }
}
