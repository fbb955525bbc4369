import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Sync
import Testing

/// What sliding sync says about one room.
@Suite struct SlidingRoomTests {
    private func set(
        _ type: String, _ content: JSONObject, key: String = "", in roomID: RoomID, by user: TestUser,
        on server: TestServer
    ) async throws {
        _ = try await server.rooms.setState(
            type, stateKey: key, content: content, in: roomID, sender: user.userID)
    }

    /// Rule 75.
    @Test func aNewRoomHasAllThatIsAskedFor() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            try await set("m.room.name", ["name": "tea"], in: roomID, by: users[0], on: server)
            try await set("m.room.avatar", ["url": "mxc://test/a"], in: roomID, by: users[0], on: server)
            let event = try await server.say("hello", as: users[0], in: roomID)
            var client = SlidingClient(users[1])
            let answer = try await client.sync(with: server)
            let room = try #require(answer.room(roomID))
            #expect(answer.count == 1)
            #expect(room["name"] == "tea")
            #expect(room["avatar"] == "mxc://test/a")
            #expect(room["heroes"] == nil)
            #expect(room.isInitial)
            #expect(room.isLimited)
            #expect(room.bodies == ["hello"])
            #expect(room["num_live"] == 0)
            #expect(room["joined_count"] == 2)
            #expect(room["invited_count"] == 0)
            #expect(room["notification_count"] == 1)
            #expect(room["highlight_count"] == 0)
            #expect(room["membership"] == nil)
            #expect(room["is_dm"] == nil)
            // Members only as needed: who wrote what is shown, and the user himself.
            #expect(room.members == Set(users.map(\.userID.string)))
            #expect(room.requiredTypes.isSuperset(of: ["m.room.create", "m.room.name", "m.room.power_levels"]))
            #expect(!room.requiredTypes.contains("m.room.guest_access"))
            let stored = try await server.rooms.room(roomID).read { $0.timeline.last { $0.eventID == event }?.position }
            #expect(room["bump_stamp"]?.integerValue == stored?.rawValue)
            // What stands before the timeline is had by its token.
            let token = try #require(room["prev_batch"]?.stringValue.flatMap(SyncToken.init))
            let page = try await server.rooms.messages(
                in: roomID, userID: users[1].userID, from: token.position, to: nil, direction: .backward, limit: 1,
                isWanted: { _ in true })
            #expect(page.events.first?.type == "m.room.avatar")
        }
    }

    /// Rule 75: only what has happened since the last request is live.
    @Test func liveEventsAreThoseSinceTheLastRequest() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let first = try await server.room(of: users)
            let second = try await server.room(of: users)
            var client = SlidingClient(users[1], body: SlidingClient.list(0...0, limit: 5))
            #expect(try await client.sync(with: server).room(second)?["num_live"] == 0)
            // The other room comes into the window with old events and one that is new.
            try await server.say("new", as: users[0], in: first)
            let room = try #require(try await client.sync(with: server).room(first))
            #expect(room.isInitial)
            #expect(room["timeline"]?.arrayValue?.count == 5)
            #expect(room["num_live"] == 1)
            try await server.say("a", as: users[0], in: first)
            try await server.say("b", as: users[0], in: first)
            let next = try #require(try await client.sync(with: server).room(first))
            #expect(next["num_live"] == 2)
            #expect(next.bodies == ["a", "b"])
            #expect(!next.isInitial)
            #expect(!next.isLimited)
            #expect(next["name"] == nil)
            #expect(next["joined_count"] == nil)
        }
    }

    @Test func aGapIsALimitedTimelineAndTheStateIsWhole() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            var client = SlidingClient(users[1], body: SlidingClient.list(limit: 2, state: [["m.room.name", ""]]))
            _ = try await client.sync(with: server)
            try await set("m.room.name", ["name": "tea"], in: roomID, by: users[0], on: server)
            for number in 0..<5 { try await server.say("\(number)", as: users[0], in: roomID) }
            let room = try #require(try await client.sync(with: server).room(roomID))
            #expect(room.isLimited)
            #expect(room.bodies == ["3", "4"])
            #expect(room["num_live"] == 2)
            #expect(room["name"] == "tea")
            #expect(room.requiredState.map { $0["content"]?["name"] } == ["tea"])
        }
    }

    /// Rule 78: a state event moves a room up, and leaves its `bump_stamp`.
    @Test func lastActivityOrdersAndMessagesBump() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let quiet = try await server.room(of: users)
            let busy = try await server.room(of: users)
            try await server.say("hello", as: users[0], in: quiet)
            try await server.say("hello", as: users[0], in: busy)
            var client = SlidingClient(users[1], body: SlidingClient.list(0...0, limit: 1))
            #expect(try await client.sync(with: server).room(busy) != nil)
            try await set("m.room.topic", ["topic": "t"], in: quiet, by: users[0], on: server)
            let moved = try #require(try await client.sync(with: server).room(quiet))
            #expect(moved.isInitial)
            let bump = try #require(moved["bump_stamp"]?.integerValue)
            _ = try await server.rooms.send(
                "m.reaction", content: [:], to: quiet, transactionID: "r", sender: users[0].sender)
            let reaction = try #require(try await client.sync(with: server).room(quiet))
            #expect(reaction["timeline"]?[0]?["type"] == "m.reaction")
            #expect(reaction["bump_stamp"] == nil)
            try await server.say("again", as: users[0], in: quiet)
            let said = try await client.sync(with: server).room(quiet)?["bump_stamp"]?.integerValue
            #expect(try #require(said) > bump)
            // A receipt is no activity.
            try await server.say("later", as: users[0], in: busy)
            let event = try #require(reaction["timeline"]?[0]?["event_id"]?.stringValue.flatMap { EventID($0) })
            try await server.rooms.mark([.init(type: .read, eventID: event)], in: quiet, userID: users[0].userID)
            #expect(
                try await SlidingClient(users[1], body: SlidingClient.list(0...0)).answer(of: server, from: nil)
                    .room(busy) != nil)
        }
    }

    @Test func aRaisedLimitSendsTheLatestAgainAtOnce() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            for number in 0..<8 { try await server.say("\(number)", as: users[0], in: roomID) }
            var client = SlidingClient(users[1], body: SlidingClient.list(limit: 1))
            #expect(try await client.sync(with: server).room(roomID)?.bodies == ["7"])
            client.body["room_subscriptions"] = .object(
                JSONObject(members: [(roomID.string, ["timeline_limit": 4, "required_state": []])]))
            let room = try #require(try await client.sync(with: server, timeoutMilliseconds: 30_000).room(roomID))
            #expect(room.bodies == ["4", "5", "6", "7"])
            #expect(room["unstable_expanded_timeline"] == true)
            #expect(room["num_live"] == 0)
            #expect(!room.isInitial)
            // All of these the client has: nothing is sent again.
            client.body["room_subscriptions"] = nil
            #expect(try await client.sync(with: server).rooms.isEmpty)
            client.body = SlidingClient.list(limit: 3)
            #expect(try await client.sync(with: server).rooms.isEmpty)
        }
    }

    @Test func moreRequiredStateIsSentAtOnce() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            try await set("m.room.name", ["name": "tea"], in: roomID, by: users[0], on: server)
            var client = SlidingClient(users[1], body: SlidingClient.list(state: [["m.room.name", ""]]))
            #expect(try await client.sync(with: server).room(roomID)?.requiredTypes == ["m.room.name"])
            client.body = SlidingClient.list(state: [["m.room.name", ""], ["m.room.create", ""]])
            let room = try #require(try await client.sync(with: server, timeoutMilliseconds: 30_000).room(roomID))
            #expect(room.requiredTypes == ["m.room.create"])
            #expect(room["timeline"] == nil)
            // What changes while it is not asked for is sent when it is asked for again.
            client.body = SlidingClient.list(state: [["m.room.create", ""]])
            #expect(try await client.sync(with: server).rooms.isEmpty)
            try await set("m.room.name", ["name": "coffee"], in: roomID, by: users[0], on: server)
            #expect(try await client.sync(with: server).room(roomID)?.requiredState == [])
            client.body = SlidingClient.list(state: [["m.room.name", ""], ["m.room.create", ""]])
            let names = try await client.sync(with: server).room(roomID)?.requiredState.map { $0["content"]?["name"] }
            #expect(names == ["coffee"])
        }
    }

    @Test func wildcardsAndKeysSelectState() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            for key in ["a", "b"] {
                try await set("x.call", ["k": .string(key)], key: key, in: roomID, by: users[0], on: server)
            }
            func state(_ elements: JSONValue) async throws -> [[String]] {
                let client = SlidingClient(users[1], body: SlidingClient.list(state: elements))
                let room = try #require(try await client.answer(of: server, from: nil).room(roomID))
                return room.requiredState.map { [$0["type"]?.stringValue ?? "", $0["state_key"]?.stringValue ?? ""] }
            }
            #expect(try await Set(state([["x.call", "*"]])) == [["x.call", "a"], ["x.call", "b"]])
            #expect(try await state([["x.call", "b"]]) == [["x.call", "b"]])
            #expect(try await state([["*", "a"]]) == [["x.call", "a"]])
            #expect(try await state([["m.room.member", "$ME"]]) == [["m.room.member", users[1].userID.string]])
            let all = try await state([["*", "*"]])
            #expect(all.count == (try await server.presentState(roomID).count))
            // Beside the wildcard for everything, an entry says which keys of its type are wanted.
            let lazy = try await state([["*", "*"], ["m.room.member", "$ME"]])
            #expect(lazy.count == all.count - 1)
            #expect(!lazy.contains(["m.room.member", users[0].userID.string]))
        }
    }

    @Test func membersAreLoadedLazily() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol", "dave")
            let roomID = try await server.room(of: users)
            let state: JSONValue = [["m.room.member", "$LAZY"]]
            try await server.say("first", as: users[0], in: roomID)
            var client = SlidingClient(users[1], body: SlidingClient.list(limit: 1, state: state))
            #expect(try await client.sync(with: server).room(roomID)?.members == [users[0].userID.string])
            // Who has been sent is not sent again, until there is a gap.
            try await server.say("second", as: users[0], in: roomID)
            #expect(try await client.sync(with: server).room(roomID)?.members == [])
            try await server.say("third", as: users[2], in: roomID)
            #expect(try await client.sync(with: server).room(roomID)?.members == [users[2].userID.string])
            for number in 0..<3 { try await server.say("gap \(number)", as: users[0], in: roomID) }
            let gap = try #require(try await client.sync(with: server).room(roomID))
            #expect(gap.isLimited)
            #expect(gap.members == [users[0].userID.string])
            // Without a gap, all changes of members are sent.
            try await server.rooms.leave(roomID, userID: users[3].userID, reason: nil)
            let left = try #require(try await client.sync(with: server).room(roomID))
            #expect(!left.isLimited)
            #expect(left.members == [users[3].userID.string])
            #expect(left["joined_count"] == 3)
        }
    }

    /// Rule 60.
    @Test func anUnnamedRoomHasHeroes() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            try await server.accounts.setAccountData(
                "m.direct", of: users[1].userID, room: nil,
                content: JSONObject(members: [(users[0].userID.string, [.string(roomID.string)])]))
            var client = SlidingClient(users[1], .v4, body: ["lists": ["a": ["timeline_limit": 1]]])
            let room = try #require(try await client.sync(with: server).room(roomID))
            #expect(room["heroes"] == [["user_id": .string(users[0].userID.string)]])
            #expect(room["is_dm"] == true)
            #expect(room["name"] == nil)
            try await set("m.room.name", ["name": "tea"], in: roomID, by: users[0], on: server)
            #expect(try await client.sync(with: server).room(roomID)?["name"] == "tea")
            try await set("m.room.name", [:], in: roomID, by: users[0], on: server)
            let cleared = try #require(try await client.sync(with: server).room(roomID))
            #expect(cleared["name"]?.isNull == true)
            #expect(cleared["heroes"] != nil)
            try await server.accounts.setAccountData("m.direct", of: users[1].userID, room: nil, content: [:])
            #expect(try await client.sync(with: server, timeoutMilliseconds: 9).room(roomID)?["is_dm"] == false)
        }
    }

    @Test func theAcceptedFormHasItsOwnNames() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let invited = try await server.room(of: [users[0]])
            try await server.rooms.invite(users[1].userID, to: invited, by: users[0].userID, reason: nil)
            for number in 0..<4 { try await server.say("\(number)", as: users[0], in: roomID) }
            let all: JSONValue = ["include": [[:]], "exclude": [["type": "m.room.create"]], "lazy_members": true]
            var client = SlidingClient(
                users[1], .v4,
                body: [
                    "lists": [
                        "all": ["timeline_limit": 1, "required_state": all],
                        "top": [
                            "timeline_limit": 1, "range": [0, 0],
                        ],
                    ]
                ])
            let answer = try await client.sync(with: server)
            let room = try #require(answer.room(roomID))
            #expect(room["membership"] == "join")
            #expect(room["lists"] == ["all", "top"])
            #expect(room["notification_count"] == nil)
            #expect(room.members == [users[0].userID.string])
            #expect(room.requiredTypes.contains("m.room.power_levels"))
            #expect(!room.requiredTypes.contains("m.room.create"))
            let invite = try #require(answer.room(invited))
            #expect(invite["membership"] == "invite")
            #expect(invite["lists"] == ["all"])
            #expect(invite["stripped_state"]?.arrayValue?.isEmpty == false)
            #expect(invite["invite_state"] == nil)
            client.body["lists"] = ["all": ["timeline_limit": 3]]
            #expect(try await client.sync(with: server).room(roomID)?["expanded_timeline"] == true)
        }
    }

    /// A redaction that a gap hides is known from the state, which is sent again.
    @Test func stateThatWasRedactedInAGapIsToldAgain() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let topic = try await server.rooms.setState(
                "m.room.topic", stateKey: "", content: ["topic": "secret"], in: roomID, sender: users[0].userID)
            try await set("m.room.name", ["name": "N"], in: roomID, by: users[0], on: server)
            var client = SlidingClient(users[1])
            let first = try #require(try await client.sync(with: server).room(roomID))
            #expect(first.requiredTypes.contains("m.room.topic"))
            try await server.redact(topic, as: users[0], in: roomID)
            for number in 0..<5 { try await server.say("\(number)", as: users[0], in: roomID) }
            let second = try #require(try await client.sync(with: server).room(roomID))
            #expect(second.isLimited)
            let told = second["required_state"]?.arrayValue ?? []
            // Members are told after every gap.
            #expect(Set(told.compactMap { $0["type"]?.stringValue }) == ["m.room.topic", "m.room.member"])
            let again = told.first { $0["type"] == "m.room.topic" }
            #expect(again?["content"] == [:])
            #expect(again?["unsigned"]?["redacted_because"] != nil)
            for number in 5..<10 { try await server.say("\(number)", as: users[0], in: roomID) }
            let third = try #require(try await client.sync(with: server).room(roomID))
            #expect(third.isLimited && !third.requiredTypes.contains("m.room.topic"), "once")
        }
    }
}
