import Bridging
import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Synchronization
import Testing

/// What application services are told.
///
/// https://spec.matrix.org/v1.19/application-service-api/#pushing-events
@Suite struct DeliveryTests {
    private func ghost(_ localpart: String, in room: RoomID, _ server: TestServer) async throws {
        try await server.ghost(localpart)
        let answer = await server.bridge("POST", "\(v3)/join/\(encoded(room.string))", as: localpart, json: [:])
        try #require(answer.status == 200, "\(answer)")
    }

    @Test func aServiceIsToldWhatHappensWhereItsUsersAre() async throws {
        try await withService { server, fake in
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            let other = try await server.room(of: [alice])
            try await server.say("before", as: alice, in: room)
            try await ghost("_irc_bob", in: room, server)
            let eventID = try await server.say("hello", as: alice, in: room)
            try await server.say("not for bridges", as: alice, in: other)
            try await server.settle()
            #expect(fake.bodies == ["hello"])
            let event = try #require(fake.events.last { $0["type"] == "m.room.message" })
            #expect(event["event_id"] == .string(eventID.string))
            #expect(event["room_id"] == .string(room.string))
            #expect(event["sender"] == "@alice:test")
            let call = try #require(fake.transactions.first)
            #expect(call.method == "PUT")
            #expect(call.target.hasPrefix("/bridge/_matrix/app/v1/transactions/"))
            #expect(call.authorization == "Bearer the server's token")
            #expect(Set(fake.transactions.compactMap(\.transactionID)).count == fake.transactions.count)
            _ = await server.bridge("POST", "\(v3)/rooms/\(encoded(room.string))/leave", as: "_irc_bob", json: [:])
            try await server.say("after", as: alice, in: room)
            try await server.settle()
            #expect(fake.bodies == ["hello"], "nobody of the bridge is there any more")
            let last = fake.events.last
            #expect(last?["content"]?["membership"] == "leave", "but it is told of its own user's leave")
        }
    }

    @Test func anInvitationReachesTheService() async throws {
        try await withService { server, fake in
            try await server.ghost("_irc_bob")
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            try await server.rooms.invite(UserID("@_irc_bob:test")!, to: room, by: alice.userID, reason: nil)
            try await server.settle()
            #expect(fake.events.map { $0["content"]?["membership"] } == ["invite"])
            #expect(fake.events.first?["state_key"] == "@_irc_bob:test")
        }
    }

    @Test func roomsAndAliasesOfANamespaceAreToldWhoeverIsThere() async throws {
        let namespaces: JSONValue = [
            "users": [], "aliases": [["regex": "#_irc_.*", "exclusive": true]], "rooms": [],
        ]
        try await withService(["namespaces": namespaces]) { server, fake in
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            try await server.say("before", as: alice, in: room)
            try await server.settle()
            try await server.rooms.createAlias(RoomAlias("#_irc_x:test")!, for: room, by: alice.userID)
            try await server.say("after", as: alice, in: room)
            try await server.settle()
            #expect(fake.bodies == ["after"])
        }
        let all: JSONValue = ["rooms": [["regex": "!.*", "exclusive": false]]]
        try await withService(["namespaces": all]) { server, fake in
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            try await server.say("anything", as: alice, in: room)
            try await server.settle()
            #expect(fake.bodies == ["anything"])
            #expect(fake.events.first?["type"] == "m.room.create")
        }
    }

    @Test func eventsComeInOrderAndInBoundedTransactions() async throws {
        try await withService { server, fake in
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            try await ghost("_irc_bob", in: room, server)
            fake.answer(nil)
            for number in 0..<250 { try await server.say("\(number)", as: alice, in: room) }
            try await server.settle()
            fake.answer(200)
            server.clock.advance(milliseconds: 1_000_000)
            fake.forgetCalls()
            try await server.settle()
            #expect(Set(fake.bodies).count == 250)
            let numbers = fake.bodies.compactMap(Int.init)
            #expect(numbers == numbers.sorted())
            #expect(fake.transactions.allSatisfy { $0.events.count <= TransactionBatch.maximumEvents })
            #expect(fake.transactions.count < 10)
        }
    }

    // MARK: Failures

    @Test func whatIsNotTakenIsSentAgainUnchangedAndFirst() async throws {
        try await withService { server, fake in
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            try await ghost("_irc_bob", in: room, server)
            try await server.settle()
            fake.forgetCalls()
            fake.answer(500)
            try await server.say("one", as: alice, in: room)
            try await server.settle()
            let first = try #require(fake.transactions.first)
            try await server.say("two", as: alice, in: room)
            for _ in 0..<4 {
                server.clock.advance(milliseconds: 600_000)
                try await server.settle()
            }
            let tried = fake.transactions.filter { $0.target.contains("/_matrix/app/v1/") }
            #expect(tried.count == 5)
            #expect(tried.allSatisfy { $0.transactionID == first.transactionID && $0.body == first.body })
            fake.answer(200)
            fake.forgetCalls()
            server.clock.advance(milliseconds: 600_000)
            try await server.settle()
            #expect(fake.transactions.map(\.bodies) == [["one"], ["two"]])
            #expect(fake.transactions.first?.transactionID == first.transactionID)
            #expect(fake.transactions.last?.transactionID != first.transactionID)
        }
    }

    /// The service took it and the answer was lost with the server: the next run says the same under the same ID.
    @Test func aTransactionKeepsItsIDOverARestart() async throws {
        try await withService { server, fake in
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            try await ghost("_irc_bob", in: room, server)
            try await server.settle()
            fake.answer(nil)
            let eventID = try await server.say("one", as: alice, in: room)
            try await server.settle()
            let first = try #require(fake.transactions.last)
            #expect(first.bodies == ["one"])
            // What was said is taken back meanwhile: the transaction stays as it was.
            try await server.redact(eventID, as: alice, in: room)
            await server.homeserver.bridging.stop()
            fake.forgetCalls()
            fake.answer(200)
            try await server.afterRestart { next throws in
                try await next.say("two", as: alice, in: room)
                try await next.settle()
                #expect(fake.transactions.first?.transactionID == first.transactionID)
                #expect(fake.transactions.first?.body == first.body)
                #expect(fake.bodies == ["one", "two"])
                #expect(fake.events.map { $0["type"] } == ["m.room.message", "m.room.redaction", "m.room.message"])
            }
            fake.forgetCalls()
            try await server.afterRestart { next throws in
                try await next.settle()
                #expect(fake.transactions.isEmpty, "what was taken is not told again")
            }
        }
    }

    /// The server ends before the feed has looked at the message.
    @Test func whatNobodyHadLookedAtIsToldByTheNextRun() async throws {
        try await withService { server, fake in
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            try await ghost("_irc_bob", in: room, server)
            try await server.settle()
            await server.homeserver.bridging.stop()
            fake.forgetCalls()
            try await server.say("late", as: alice, in: room)
            // And the ghost leaves before anybody looks: it was there when it was said.
            try await server.rooms.leave(room, userID: UserID("@_irc_bob:test")!, reason: nil)
            try await server.say("too late", as: alice, in: room)
            try await server.afterRestart { next throws in
                try await next.settle()
                #expect(fake.bodies == ["late"])
            }
        }
    }

    @Test func pausesGrowUpToABound() {
        var pause = RetryPause()
        #expect(pause.isOver(at: 0))
        var waited: [Int64] = []
        for _ in 0..<12 {
            pause.noteFailure(at: 1_000)
            waited.append(pause.retryAt - 1_000)
        }
        #expect(waited.prefix(4) == [1_000, 2_000, 4_000, 8_000])
        #expect(waited.last == RetryPause.longestMilliseconds)
        #expect(!pause.isOver(at: 1_000) && pause.isOver(at: 1_000 + RetryPause.longestMilliseconds))
        pause.reset()
        #expect(pause.isOver(at: 0))
    }

    @Test func aBatchIsBounded() {
        var batch = TransactionBatch()
        let large = [UInt8](repeating: 0x20, count: TransactionBatch.maximumByteCount + 1)
        let (isTaken, isNextTaken) = (batch.add(event: large), batch.add(event: Array("{}".utf8)))
        #expect(isTaken && !isNextTaken, "what is too large goes alone")
        batch = TransactionBatch()
        var count = 0
        while batch.add(event: Array("{}".utf8)) { count += 1 }
        #expect(count == TransactionBatch.maximumEvents)
        #expect(!batch.isEmpty && batch.hasEvents)
    }

    /// https://spec.matrix.org/v1.19/application-service-api/#legacy-routes
    @Test func anOldServiceIsCalledWhereItListens() async throws {
        try await withService { server, fake in
            fake.answer { call in
                call.target.contains("/_matrix/app/v1/")
                    ? (404, ["errcode": "M_UNRECOGNIZED"]) : (200, [:])
            }
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            try await ghost("_irc_bob", in: room, server)
            try await server.settle()
            #expect(fake.transactions.last?.target.hasPrefix("/bridge/transactions/") == true)
            #expect(fake.transactions.count == 2 * Set(fake.transactions.compactMap(\.transactionID)).count)
        }
    }

    @Test func aServiceWithoutAURLIsToldNothing() async throws {
        try await withService(["url": .null]) { server, fake in
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            try await ghost("_irc_bob", in: room, server)
            try await server.say("hello", as: alice, in: room)
            try await server.settle()
            #expect(fake.calls.isEmpty)
        }
    }

    // MARK: Ephemeral

    @Test func typingAndReceiptsAreToldToThoseWhoWantThem() async throws {
        for wants in [true, false] {
            try await withService(["receive_ephemeral": .bool(wants)]) { server, fake in
                let alice = try await server.user("alice")
                let room = try await server.room(of: [alice])
                let other = try await server.room(of: [alice])
                try await ghost("_irc_bob", in: room, server)
                let eventID = try await server.say("hello", as: alice, in: room)
                let elsewhere = try await server.say("there", as: alice, in: other)
                try await server.settle()
                fake.forgetCalls()
                server.rooms.typing.start(
                    alice.userID, in: try await server.rooms.room(room), timeoutMilliseconds: 5_000)
                try await server.settle()
                try await server.rooms.mark([.init(type: .read, eventID: eventID)], in: room, userID: alice.userID)
                try await server.rooms.mark([.init(type: .read, eventID: elsewhere)], in: other, userID: alice.userID)
                try await server.settle()
                let told = fake.transactions.flatMap(\.ephemeral)
                guard wants else {
                    #expect(told.isEmpty)
                    return
                }
                #expect(told.map { $0["type"] } == ["m.typing", "m.receipt"])
                #expect(told.allSatisfy { $0["room_id"] == .string(room.string) })
                #expect(told.first?["content"]?["user_ids"] == ["@alice:test"])
                #expect(told.last?["content"]?[eventID.string]?["m.read"]?["@alice:test"]?["ts"] != nil)
                #expect(fake.transactions.allSatisfy { $0.json["events"] == [] })
            }
        }
    }

    /// Private receipts are the reader's own: a service is told those of its own users.
    @Test func privateReceiptsAreToldOfItsOwnUsersOnly() async throws {
        try await withService(["receive_ephemeral": true]) { server, fake in
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            try await ghost("_irc_bob", in: room, server)
            let eventID = try await server.say("hello", as: alice, in: room)
            try await server.settle()
            fake.forgetCalls()
            let bob = UserID("@_irc_bob:test")!
            try await server.rooms.mark([.init(type: .readPrivate, eventID: eventID)], in: room, userID: alice.userID)
            try await server.rooms.mark([.init(type: .readPrivate, eventID: eventID)], in: room, userID: bob)
            try await server.settle()
            let readers = fake.transactions.flatMap(\.ephemeral).flatMap { event in
                (event["content"]?[eventID.string]?["m.read.private"]?.objectValue ?? [:]).members.map(\.key)
            }
            #expect(Set(readers) == [bob.string])
        }
    }

    @Test func presenceIsToldOfThoseWhoShareARoom() async throws {
        try await withService(["receive_ephemeral": true], configure: { $0.presence = true }) { server, fake in
            let (alice, carol) = (try await server.user("alice"), try await server.user("carol"))
            let room = try await server.room(of: [alice])
            try await ghost("_irc_bob", in: room, server)
            try await server.settle()
            fake.forgetCalls()
            server.rooms.presence.set(.online, message: "here", of: alice.userID)
            server.rooms.presence.set(.online, message: "there", of: carol.userID)
            try await server.settle()
            let told = fake.transactions.flatMap(\.ephemeral)
            #expect(told.map { $0["sender"] } == ["@alice:test"])
            #expect(told.first?["content"]?["status_msg"] == "here")
        }
    }
}
