import CanonicalJSON
import MatrixIdentifiers
import Rooms
import Rules
import ServerUnderTest
import Testing

/// https://spec.matrix.org/v1.19/push-gateway-api/#post_matrixpushv1notify
@Suite struct DeliveryTests {
    @Test func aMessageReachesTheGatewayWithAllThatIsKnown() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            _ = try await server.rooms.setState(
                "m.room.name", stateKey: "", content: ["name": "Tea"], in: roomID, sender: alice.userID)
            try await server.accounts.setProfileField("displayname", to: "Alice", of: alice.userID)
            try await server.rooms.propagateProfileField("displayname", from: nil, of: alice.userID)
            try await server.addPusher(bob, data: ["extra": 1, "brand": "naru"])
            let eventID = try await server.say("hello", as: alice, in: roomID)
            try await server.settle()
            #expect(gateway.calls.count == 1)
            let call = try #require(gateway.calls.first)
            #expect(call.url == gatewayURL)
            let expected: JSONObject = [
                "event_id": .string(eventID.string), "room_id": .string(roomID.string), "type": "m.room.message",
                "sender": "@alice:test", "sender_display_name": "Alice", "room_name": "Tea", "prio": "high",
                "content": ["msgtype": "m.text", "body": "hello"], "counts": ["unread": 1],
                "devices": [
                    [
                        "app_id": "org.example.app", "pushkey": "key",
                        "pushkey_ts": .integer(server.clock.now / 1000), "data": ["extra": 1, "brand": "naru"],
                        // A room of two.
                        "tweaks": ["sound": "default"],
                    ]
                ],
            ]
            #expect(call.notification == expected)
        }
    }

    /// Rule 103.
    @Test func onlyIDsAndCountsWhenTheClientWantsNoMore() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            try await server.addPusher(bob, data: ["format": "event_id_only", "x": "y"])
            for text in ["one", "two"] { try await server.say(text, as: alice, in: roomID) }
            try await server.settle()
            let last = try #require(gateway.calls.last)
            #expect(
                Set(last.notification.keys) == ["event_id", "room_id", "counts", "prio", "devices"])
            #expect(last.unread == 2)
            #expect(last.device?["data"] == ["format": "event_id_only", "x": "y"])
            #expect(last.device?["tweaks"] == nil)
        }
    }

    /// Rule 93: users are not told of their own events, nor of what no rule or another rule has them told.
    @Test func whatTheRulesSayIsNotPushed() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            try await server.addPusher(bob)
            try await server.say("my own", as: bob, in: roomID)
            _ = try await server.rooms.send(
                "m.room.message", content: ["msgtype": "m.notice", "body": "notice"], to: roomID, transactionID: "1",
                sender: alice.sender)
            _ = try await server.rooms.send(
                "org.example.unknown", content: [:], to: roomID, transactionID: "2", sender: alice.sender)
            try await server.settle()
            #expect(gateway.calls.isEmpty)
            try await server.accounts.putPushRule(
                PushRule(kind: .override, ruleID: "quiet", actions: [], conditions: []), kind: .override, before: nil,
                after: nil, of: bob.userID)
            try await server.say("nobody hears", as: alice, in: roomID)
            try await server.settle()
            #expect(gateway.calls.isEmpty)
            try await server.accounts.removePushRule(.override, "quiet", of: bob.userID)
            try await server.accounts.putPushRule(
                PushRule(
                    kind: .content, ruleID: "cake", actions: ["notify", ["set_tweak": "light", "value": "blue"]],
                    pattern: "cake"), kind: .content, before: nil, after: nil, of: bob.userID)
            try await server.say("some cake", as: alice, in: roomID)
            try await server.settle()
            #expect(
                gateway.calls.map { $0.device?["tweaks"] ?? .null } == [["light": "blue"]],
                "tweaks go through as they are")
        }
    }

    @Test func whoeverIsInvitedIsTold() async throws {
        try await withGateway { server, gateway, alice, _, _ in
            let carol = try await server.user("carol")
            try await server.addPusher(carol)
            let other = try await server.room(of: [alice])
            try await server.say("before", as: alice, in: other)
            try await server.rooms.invite(carol.userID, to: other, by: alice.userID, reason: nil)
            try await server.say("not yet for her", as: alice, in: other)
            try await server.settle()
            #expect(gateway.calls.map { $0.notification["type"]?.stringValue } == ["m.room.member"])
            #expect(gateway.calls.first?.notification["user_is_target"] == true)
            try await server.rooms.join(other, userID: carol.userID, reason: nil)
            let eventID = try await server.say("now for her", as: alice, in: other)
            try await server.rooms.leave(other, userID: carol.userID, reason: nil)
            try await server.say("too late for her", as: alice, in: other)
            try await server.settle()
            // By the time it is looked at, she may have left already.
            let later = gateway.calls.dropFirst().map(\.eventID)
            #expect(later == [] || later == [eventID.string])
        }
    }

    /// Rule 91: the server cannot see whether an encrypted message mentions somebody, so it lets the device decide,
    /// but in rooms that are muted (MSC4028).
    @Test func encryptedMessagesGoToTheDevice() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            try await server.addPusher(bob)
            func send(_ transaction: String) async throws {
                _ = try await server.rooms.send(
                    "m.room.encrypted", content: ["ciphertext": "x"], to: roomID, transactionID: transaction,
                    sender: alice.sender)
                try await server.settle()
            }
            try await send("1")
            #expect(gateway.calls.count == 1)
            try await server.accounts.putPushRule(
                PushRule(kind: .room, ruleID: roomID.string, actions: []), kind: .room, before: nil, after: nil,
                of: bob.userID)
            try await send("2")
            #expect(gateway.calls.count == 2, "only mentions are wanted, and this may be one")
            #expect(gateway.calls.last?.device?["tweaks"] == [:])
            try await server.accounts.putPushRule(
                PushRule(
                    kind: .override, ruleID: roomID.string, actions: [],
                    conditions: [["kind": "event_match", "key": "room_id", "pattern": .string(roomID.string)]]),
                kind: .override, before: nil, after: nil, of: bob.userID)
            try await send("3")
            #expect(gateway.calls.count == 2, "the room is muted")
        }
    }

    /// Rule 63.
    @Test func ignoredUsersWakeNobody() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            try await server.addPusher(bob)
            try await server.accounts.setAccountData(
                "m.ignored_user_list", of: bob.userID, room: nil, content: ["ignored_users": ["@alice:test": [:]]])
            try await server.say("psst", as: alice, in: roomID)
            try await server.settle()
            #expect(gateway.calls.isEmpty)
        }
    }

    @Test func everyPusherIsToldAndOnlyOfWhatCameAfterIt() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            let tablet = try await server.user("bob", device: "TABLET")
            try await server.addPusher(bob, pushkey: "phone")
            try await server.say("first", as: alice, in: roomID)
            try await server.settle()
            try await server.addPusher(tablet, pushkey: "tablet")
            try await server.say("second", as: alice, in: roomID)
            try await server.settle()
            let told = gateway.calls.map {
                "\($0.pushkey ?? "") \($0.notification["content"]?["body"]?.stringValue ?? "")"
            }
            #expect(told.sorted() == ["phone first", "phone second", "tablet second"])
        }
    }

    // MARK: When the gateway fails

    /// Rule 103.
    @Test(arguments: [nil, 502, 404] as [Int?])
    func whatFailsIsTriedAgain(status: Int?) async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            try await server.addPusher(bob)
            gateway.answer(status)
            let eventID = try await server.say("hello", as: alice, in: roomID)
            try await server.settle()
            #expect(gateway.calls.count == 1)
            for (pause, count) in [(999, 1), (1, 2), (1_999, 2), (1, 3)] {
                server.clock.advance(milliseconds: Int64(pause))
                try await server.settle()
                #expect(gateway.calls.count == count)
            }
            gateway.answer(200)
            server.clock.advance(milliseconds: 4_000)
            try await server.settle()
            server.clock.advance(milliseconds: 100_000)
            try await server.settle()
            #expect(gateway.calls.map(\.eventID) == Array(repeating: eventID.string, count: 4))
        }
    }

    /// Rule 103: nobody is woken for what was said a day ago.
    @Test func aDayIsTheEnd() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            try await server.addPusher(bob)
            gateway.answer(nil)
            try await server.say("old", as: alice, in: roomID)
            try await server.settle()
            server.clock.advance(milliseconds: 86_400_001)
            gateway.answer(200)
            gateway.forgetCalls()
            let new = try await server.say("new", as: alice, in: roomID)
            try await server.settle()
            #expect(gateway.calls.map(\.eventID) == [new.string])
        }
    }

    /// Rule 102: what the gateway rejects is removed.
    @Test func rejectedPushersAreRemoved() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            try await server.addPusher(bob, pushkey: "stale")
            try await server.addPusher(bob, pushkey: "good")
            gateway.answer(200, rejecting: ["stale"])
            try await server.say("hello", as: alice, in: roomID)
            try await server.settle()
            #expect(try await server.pushkeys(of: bob) == ["good"])
            gateway.forgetCalls()
            try await server.say("again", as: alice, in: roomID)
            try await server.settle()
            #expect(gateway.calls.map(\.pushkey) == ["good"])
        }
    }

    // MARK: Reading elsewhere

    /// Rule 103: what is read elsewhere is told with the count alone.
    @Test func readingElsewhereTellsTheCount() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            try await server.addPusher(bob)
            for text in ["one", "two"] { try await server.say(text, as: alice, in: roomID) }
            let other = try await server.room(of: [alice, bob])
            let last = try await server.say("three", as: alice, in: other)
            try await server.settle()
            #expect(gateway.calls.count == 3)
            #expect(gateway.calls.last?.unread == 3)
            gateway.forgetCalls()
            try await server.rooms.mark(
                [.init(type: .readPrivate, eventID: last)], in: other, userID: bob.userID)
            try await server.settle()
            #expect(gateway.calls.isEmpty, "it waits until it is quiet")
            server.clock.advance(milliseconds: 1_000)
            try await server.settle()
            let expected: JSONObject = [
                "counts": ["unread": 2], "prio": "low",
                "devices": [
                    [
                        "app_id": "org.example.app", "pushkey": "key", "data": [:], "tweaks": [:],
                        "pushkey_ts": gateway.calls.first?.device?["pushkey_ts"] ?? 0,
                    ]
                ],
            ]
            #expect(gateway.calls.map(\.notification) == [expected])
            // Rule 104: answering is reading.
            try await server.say("my answer", as: bob, in: roomID)
            server.clock.advance(milliseconds: 1_000)
            try await server.settle()
            server.clock.advance(milliseconds: 1_000)
            try await server.settle()
            #expect(gateway.calls.map(\.unread) == [2, 0])
            // Others' receipts and receipts for what is read change nothing.
            try await server.rooms.mark([.init(type: .read, eventID: last)], in: other, userID: alice.userID)
            try await server.rooms.mark([.init(type: .read, eventID: last)], in: other, userID: bob.userID)
            server.clock.advance(milliseconds: 5_000)
            try await server.settle()
            #expect(gateway.calls.count == 2)
        }
    }

    /// Rule 103: what was read before it could be told is not told any more.
    @Test func whatIsReadMeanwhileIsNotToldAnyMore() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            try await server.addPusher(bob)
            gateway.answer(nil)
            let first = try await server.say("first", as: alice, in: roomID)
            let second = try await server.say("second", as: alice, in: roomID)
            try await server.settle()
            try await server.rooms.mark([.init(type: .read, eventID: first)], in: roomID, userID: bob.userID)
            gateway.answer(200)
            gateway.forgetCalls()
            server.clock.advance(milliseconds: 10_000)
            try await server.settle()
            server.clock.advance(milliseconds: 10_000)
            try await server.settle()
            #expect(gateway.calls.map(\.eventID) == [second.string])
            #expect(gateway.calls.map(\.unread) == [1])
        }
    }

    /// MSC4076.
    @Test func aClientThatCountsForItselfIsToldNoCounts() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            try await server.addPusher(bob, data: ["org.matrix.msc4076.disable_badge_count": true])
            let eventID = try await server.say("hello", as: alice, in: roomID)
            try await server.settle()
            #expect(gateway.calls.map { $0.notification["counts"] ?? .null } == [[:]])
            try await server.rooms.mark([.init(type: .read, eventID: eventID)], in: roomID, userID: bob.userID)
            server.clock.advance(milliseconds: 5_000)
            try await server.settle()
            #expect(gateway.calls.count == 1)
        }
    }

    /// Rule 97: who is only invited does not make a room of two a room of three, and who is there does.
    @Test func onlyThoseWhoAreInTheRoomAreCounted() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            let carol = try await server.user("carol")
            try await server.addPusher(bob)
            func sound(of text: String) async throws -> JSONValue? {
                try await server.say(text, as: alice, in: roomID)
                try await server.settle()
                return gateway.calls.last?.device?["tweaks"]?["sound"]
            }
            #expect(try await sound(of: "two") == "default")
            try await server.rooms.invite(carol.userID, to: roomID, by: alice.userID, reason: nil)
            #expect(try await sound(of: "two and a guest to come") == "default")
            try await server.rooms.join(roomID, userID: carol.userID, reason: nil)
            #expect(try await sound(of: "three") == nil)
            try await server.rooms.leave(roomID, userID: carol.userID, reason: nil)
            #expect(try await sound(of: "two again") == "default")
            #expect(gateway.calls.count == 4)
        }
    }
}
