import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers
import Rules
import Testing

/// Rule 4 of https://spec.matrix.org/v1.19/rooms/v11/#authorisation-rules and rule 5 of version 12.
struct MembershipAuthorizationTests {
    /// Rule 45.
    @Test(arguments: shapes + joins + restrictedJoins, RoomVersionRules.supported)
    func shapesAndJoins(authorization: AuthorizationCase, rules: RoomVersionRules) { authorization.check(in: rules) }

    /// Rule 43.
    @Test(arguments: invites + knocks, RoomVersionRules.supported)
    func invitesAndKnocks(authorization: AuthorizationCase, rules: RoomVersionRules) { authorization.check(in: rules) }

    /// Rule 43.
    @Test(arguments: leaves + bans, RoomVersionRules.supported)
    func leavesAndBans(authorization: AuthorizationCase, rules: RoomVersionRules) { authorization.check(in: rules) }

    private static let shapes: [AuthorizationCase] = [
        .init("a membership needs a state key", .rejectedMembership("1")) {
            $0.event(EventType.roomMember, by: "@member:a", ["membership": "join"])
        },
        .init("a membership event needs a membership", .rejectedMembership("1")) {
            $0.event(EventType.roomMember, by: "@member:a", stateKey: "@member:a", [:])
        },
        .init("a membership is a string", .rejectedMembership("1")) {
            $0.event(EventType.roomMember, by: "@member:a", stateKey: "@member:a", ["membership": 1])
        },
        .init("an unknown membership is rejected", .rejectedMembership("8")) { $0.membership("@member:a", "lurk") },
        .init("the authorising user is a user ID", .rejectedMembership("2")) {
            $0.membership("@member:a", "join", ["join_authorised_via_users_server": "alice"])
        },
    ]

    private static let joins: [AuthorizationCase] = [
        .init("the creator joins right after the create event", .allowed) { room in
            room.remove(EventType.roomMember, stateKey: "@creator:a")
            return room.membership("@creator:a", "join", prevEvents: [room.createEvent.eventID])
        },
        .init("the creator cannot come back so once there are other events", .rejectedMembership("3.7")) { room in
            room.remove(EventType.roomMember, stateKey: "@creator:a")
            return room.membership(
                "@creator:a", "join", prevEvents: [room.createEvent.eventID, EventID("$previous")!])
        },
        .init("another user cannot join right after the create event", .rejectedMembership("3.7")) { room in
            room.membership("@new:a", "join", prevEvents: [room.createEvent.eventID])
        },
        .init("a user joins a public room", .allowed) { room in
            room.setJoinRule("public")
            return room.membership("@new:a", "join")
        },
        .init("nobody can join for somebody else", .rejectedMembership("3.2")) { room in
            room.setJoinRule("public")
            return room.membership("@new:a", "join", by: "@member:a")
        },
        .init("a canonically equivalent user is somebody else", .rejectedMembership("3.2")) { room in
            room.setJoinRule("public")
            return room.membership("@\u{E9}:a", "join", by: "@e\u{301}:a")
        },
        .init("a banned user cannot join", .rejectedMembership("3.3")) { room in
            room.setJoinRule("public")
            room.setMembership("@new:a", .ban)
            return room.membership("@new:a", "join")
        },
        .init("an invited user joins", .allowed) { room in
            room.setMembership("@new:a", .invite)
            return room.membership("@new:a", "join")
        },
        .init("a member changes their profile", .allowed) { room in
            room.membership("@member:a", "join", ["displayname": "Member"])
        },
        .init("an uninvited user cannot join", .rejectedMembership("3.7")) { $0.membership("@new:a", "join") },
        .init("a user who left cannot come back uninvited", .rejectedMembership("3.7")) { room in
            room.setMembership("@new:a", .leave)
            return room.membership("@new:a", "join")
        },
        .init("a room without join rules is for invited users", .rejectedMembership("3.7")) { room in
            room.remove(EventType.roomJoinRules)
            return room.membership("@new:a", "join")
        },
        .init("an invited user joins a room to knock at", .allowed) { room in
            room.setJoinRule("knock")
            room.setMembership("@new:a", .invite)
            return room.membership("@new:a", "join")
        },
        .init("a user who knocks is not in yet", .rejectedMembership("3.7")) { room in
            room.setJoinRule("knock")
            room.setMembership("@new:a", .knock)
            return room.membership("@new:a", "join")
        },
        .init("an unknown join rule lets nobody in", .rejectedMembership("3.7")) { room in
            room.setJoinRule("private")
            room.setMembership("@new:a", .invite)
            return room.membership("@new:a", "join")
        },
    ]

    private static let restrictedJoins: [AuthorizationCase] = ["restricted", "knock_restricted"].flatMap { rule in
        [
            AuthorizationCase("\(rule): a member who may invite lets a user in", .allowed) { room in
                room.setJoinRule(rule)
                return room.membership("@new:a", "join", authorizedBy("@moderator:a"))
            },
            .init("\(rule): power equal to the invite level is enough to let a user in", .allowed) { room in
                room.setJoinRule(rule)
                room.changeLevels { $0["invite"] = 50 }
                return room.membership("@new:a", "join", authorizedBy("@moderator:a"))
            },
            .init("\(rule): an invited user needs nobody's authorisation", .allowed) { room in
                room.setJoinRule(rule)
                room.setMembership("@new:a", .invite)
                return room.membership("@new:a", "join")
            },
            .init("\(rule): a member changes their profile", .allowed) { room in
                room.setJoinRule(rule)
                return room.membership("@member:a", "join")
            },
            .init("\(rule): a user cannot let themselves in", .rejectedMembership("3.5.2")) { room in
                room.setJoinRule(rule)
                return room.membership("@new:a", "join")
            },
            .init("\(rule): a member who may not invite lets nobody in", .rejectedMembership("3.5.2")) { room in
                room.setJoinRule(rule)
                return room.membership("@new:a", "join", authorizedBy("@member:a"))
            },
            .init("\(rule): a user with power who left lets nobody in", .rejectedMembership("3.5.2")) { room in
                room.setJoinRule(rule)
                room.setMembership("@moderator:a", .leave)
                return room.membership("@new:a", "join", authorizedBy("@moderator:a"))
            },
            .init("\(rule): a banned user is not let in", .rejectedMembership("3.3")) { room in
                room.setJoinRule(rule)
                room.setMembership("@new:a", .ban)
                return room.membership("@new:a", "join", authorizedBy("@moderator:a"))
            },
        ]
    }

    private static func authorizedBy(_ user: String) -> JSONObject {
        ["join_authorised_via_users_server": .string(user)]
    }

    private static let invites: [AuthorizationCase] = [
        .init("a member with the invite level invites", .allowed) {
            $0.membership("@new:a", "invite", by: "@moderator:a")
        },
        .init("power equal to the invite level is enough to invite", .allowed) { room in
            room.changeLevels { $0["invite"] = 50 }
            return room.membership("@new:a", "invite", by: "@moderator:a")
        },
        .init("anybody in the room invites when the level is not set", .allowed) { room in
            room.changeLevels { $0["invite"] = nil }
            return room.membership("@new:a", "invite", by: "@member:a")
        },
        .init("a member below the invite level cannot invite", .rejectedMembership("4.5")) {
            $0.membership("@new:a", "invite", by: "@member:a")
        },
        .init("who is not in the room cannot invite", .rejectedMembership("4.2")) { room in
            room.setMembership("@moderator:a", .leave)
            return room.membership("@new:a", "invite", by: "@moderator:a")
        },
        .init("a member cannot be invited", .rejectedMembership("4.3")) {
            $0.membership("@member:a", "invite", by: "@admin:a")
        },
        .init("a banned user cannot be invited", .rejectedMembership("4.3")) { room in
            room.setMembership("@new:a", .ban)
            return room.membership("@new:a", "invite", by: "@admin:a")
        },
        .init("an invite answers a knock", .allowed) { room in
            room.setMembership("@new:a", .knock)
            return room.membership("@new:a", "invite", by: "@moderator:a")
        },
    ]

    private static let knocks: [AuthorizationCase] =
        [
            .init("a user knocks", .allowed) { room in
                room.setJoinRule("knock")
                return room.membership("@new:a", "knock")
            },
            .init("a user knocks at a room that is also restricted", .allowed) { room in
                room.setJoinRule("knock_restricted")
                return room.membership("@new:a", "knock")
            },
            .init("a user who left knocks again", .allowed) { room in
                room.setJoinRule("knock")
                room.setMembership("@new:a", .leave)
                return room.membership("@new:a", "knock")
            },
            .init("nobody can knock at a room for invited users", .rejectedMembership("7.1")) {
                $0.membership("@new:a", "knock")
            },
            .init("nobody can knock at a restricted room", .rejectedMembership("7.1")) { room in
                room.setJoinRule("restricted")
                return room.membership("@new:a", "knock")
            },
            .init("nobody can knock for somebody else", .rejectedMembership("7.2")) { room in
                room.setJoinRule("knock")
                return room.membership("@new:a", "knock", by: "@member:a")
            },
        ]
        + [Membership.ban, .invite, .join].map { membership in
            AuthorizationCase("a user with membership \(membership) cannot knock", .rejectedMembership("7.4")) { room in
                room.setJoinRule("knock")
                room.setMembership("@new:a", membership)
                return room.membership("@new:a", "knock")
            }
        }

    private static let leaves: [AuthorizationCase] =
        [Membership.invite, .join, .knock].map { membership in
            AuthorizationCase("a user with membership \(membership) leaves", .allowed) { room in
                room.setMembership("@new:a", membership)
                return room.membership("@new:a", "leave")
            }
        } + [
            .init("a banned user cannot lift the ban by leaving", .rejectedMembership("5.1")) { room in
                room.setMembership("@new:a", .ban)
                return room.membership("@new:a", "leave")
            },
            .init("who never was in the room cannot leave", .rejectedMembership("5.1")) {
                $0.membership("@new:a", "leave")
            },
            .init("a moderator kicks a member", .allowed) { $0.membership("@member:a", "leave", by: "@moderator:a") },
            .init("a moderator takes an invite back", .allowed) { room in
                room.setMembership("@new:a", .invite)
                return room.membership("@new:a", "leave", by: "@moderator:a")
            },
            .init("who is not in the room cannot kick", .rejectedMembership("5.2")) { room in
                room.setMembership("@admin:a", .leave)
                return room.membership("@member:a", "leave", by: "@admin:a")
            },
            .init("a member cannot kick", .rejectedMembership("5.5")) {
                $0.membership("@new:a", "leave", by: "@member:a")
            },
            .init("a moderator cannot kick an administrator", .rejectedMembership("5.5")) {
                $0.membership("@admin:a", "leave", by: "@moderator:a")
            },
            .init("a moderator cannot kick an equal", .rejectedMembership("5.5")) { room in
                room.changeLevels { $0["users"] = $0["users"]!.adding("@member:a", 50) }
                return room.membership("@member:a", "leave", by: "@moderator:a")
            },
            .init("a moderator lifts a ban", .allowed) { room in
                room.setMembership("@new:a", .ban)
                return room.membership("@new:a", "leave", by: "@moderator:a")
            },
            .init("lifting a ban takes the ban level", .rejectedMembership("5.3")) { room in
                room.changeLevels { $0["ban"] = 60 }
                room.setMembership("@new:a", .ban)
                return room.membership("@new:a", "leave", by: "@moderator:a")
            },
            .init("lifting a ban takes the kick level too", .rejectedMembership("5.5")) { room in
                room.changeLevels { $0["kick"] = 60 }
                room.setMembership("@new:a", .ban)
                return room.membership("@new:a", "leave", by: "@moderator:a")
            },
        ]

    private static let bans: [AuthorizationCase] = [
        .init("a moderator bans a member", .allowed) { $0.membership("@member:a", "ban", by: "@moderator:a") },
        .init("a moderator bans who was never there", .allowed) { $0.membership("@new:a", "ban", by: "@moderator:a") },
        .init("who is not in the room cannot ban", .rejectedMembership("6.1")) { room in
            room.setMembership("@admin:a", .leave)
            return room.membership("@member:a", "ban", by: "@admin:a")
        },
        .init("a member cannot ban", .rejectedMembership("6.3")) { $0.membership("@new:a", "ban", by: "@member:a") },
        .init("a moderator cannot ban an administrator", .rejectedMembership("6.3")) {
            $0.membership("@admin:a", "ban", by: "@moderator:a")
        },
        .init("nobody can ban themselves", .rejectedMembership("6.3")) {
            $0.membership("@moderator:a", "ban", by: "@moderator:a")
        },
    ]
}
