import CanonicalJSON
import MatrixClient
import MatrixIdentifiers
import ServerUnderTest
import Testing

/// Whole flows against the server itself.
@Suite struct FlowTests {
    /// Two people in one room that is not encrypted.
    private func conversation(
        _ server: TestServer
    ) async throws -> (ada: ClientUnderTest, bo: ClientUnderTest, room: RoomID) {
        let ada = try await ClientUnderTest.signUp("ada", on: server)
        let bo = try await ClientUnderTest.signUp("bo", on: server)
        var creation = RoomCreation(.privateGroup, name: "Tea", invite: [bo.session.userID])
        creation.isEncrypted = false
        let room = try await ada.session.createRoom(creation)
        try await bo.rooms { $0.contains { $0.id == room.id && $0.membership == .invite } }
        try await bo.session.room(room.id).join()
        try await bo.rooms { $0.contains { $0.id == room.id && $0.membership == .join && $0.name == .given("Tea") } }
        return (ada, bo, room.id)
    }

    @Test func twoPeopleTalk() async throws {
        try await TestServer.run { server throws in
            let (ada, bo, id) = try await conversation(server)
            let theirs = try await bo.session.room(id).timeline()
            let mine = try await ada.session.room(id).timeline()
            try await ada.session.room(id).send("안녕")
            let received = try await bo.timeline(theirs) { $0.bodies == ["안녕"] }
            let item = try #require(received.items.last)
            #expect(item.sender == ada.session.userID)
            #expect(!item.isOwn)
            try await bo.session.room(id).toggleReaction("👍", on: item.id)
            var answer = OutgoingMessage("hello")
            answer.replyTo = item.id
            try await bo.session.room(id).send(answer)
            let seen = try await ada.timeline(mine) { $0.bodies == ["안녕", "hello"] && $0.items.last?.sending == nil }
            #expect(seen.items.first { $0.isOwn && $0.reactions.first?.key == "👍" } != nil)
            #expect(seen.items.last?.replyTo?.body == "안녕")
            let own = try #require(seen.items.last { $0.isOwn })
            try await ada.session.room(id).edit(own.id, to: OutgoingMessage("안녕하세요"))
            try await bo.timeline(theirs) { $0.bodies.first == "안녕하세요" && $0.items.contains { $0.isEdited } }
            try await bo.session.room(id).toggleReaction("👍", on: item.id)
            try await ada.timeline(mine) { $0.items.allSatisfy(\.reactions.isEmpty) }
            try await ada.session.room(id).redact(own.id)
            try await bo.timeline(theirs) {
                $0.items.contains { if case .redacted = $0.content { true } else { false } }
            }
            await ada.stop()
            await bo.stop()
        }
    }

    @Test func unreadCountsRiseAndFall() async throws {
        try await TestServer.run { server throws in
            let (ada, bo, id) = try await conversation(server)
            for text in ["one", "two", "three"] { try await ada.session.room(id).send(text) }
            let rooms = try await bo.rooms { $0.first?.unreadCount == 3 }
            #expect(rooms.first?.lastMessage?.content == .message(Message(body: "three")))
            try await bo.session.room(id).markRead()
            try await bo.rooms { $0.first?.unreadCount == 0 }
            let timeline = try await ada.session.room(id).timeline()
            try await ada.timeline(timeline) { $0.items.last?.readBy == [bo.session.userID] }
            try await ada.timeline(timeline) { $0.items.last?.unreadCount == 0 }
            await ada.stop()
            await bo.stop()
        }
    }

    @Test func earlierMessagesAreFetchedAndStored() async throws {
        try await TestServer.run { server throws in
            let (ada, bo, id) = try await conversation(server)
            await bo.stop()
            let texts = (1...75).map { "message \($0)" }
            for text in texts { try await ada.session.room(id).send(text) }
            await ada.session.room(id).sendQueue.drained()
            let again = try await bo.restarted(on: server)
            await again.session.ready()
            let timeline = try await again.session.room(id).timeline()
            try await again.timeline(timeline) { $0.bodies.last == "message 75" }
            while try await timeline.loadEarlier(20) {}
            let all = await timeline.snapshot()
            #expect(all.bodies == texts)
            #expect(!all.hasEarlier)
            // Without a network it is there the next time.
            let offline = try await again.restarted(on: server)
            offline.transport.judge { _ in .lose }
            let stored = try await offline.session.room(id).timeline(latest: 200)
            #expect(await stored.snapshot().bodies == texts)
            for client in [ada, offline] { await client.stop() }
        }
    }

    @Test func whatIsWrittenOfflineIsSentLaterAndInOrder() async throws {
        try await TestServer.run { server throws in
            let (ada, bo, id) = try await conversation(server)
            ada.transport.judge { $0.url.contains("/send/") ? .lose : .deliver }
            let room = ada.session.room(id)
            for text in ["one", "two", "three"] { try await room.send(text) }
            let mine = try await room.timeline()
            #expect(await mine.snapshot().items.suffix(3).map(\.sending) == [.waiting, .waiting, .waiting])
            let restarted = try await ada.restarted(on: server)
            let theirs = try await bo.session.room(id).timeline()
            try await bo.timeline(theirs) { $0.bodies == ["one", "two", "three"] }
            let timeline = try await restarted.session.room(id).timeline()
            try await restarted.timeline(timeline) {
                $0.bodies == ["one", "two", "three"] && $0.items.allSatisfy { $0.sending == nil }
            }
            await restarted.stop()
            await bo.stop()
        }
    }

    /// The server has the message, the client does not know: it asks again with the same transaction ID.
    @Test func lostAnswersDoNotDoubleMessages() async throws {
        try await TestServer.run { server throws in
            let (ada, bo, id) = try await conversation(server)
            let count = Counter()
            ada.transport.judge { request in
                guard request.url.contains("/send/") else { return .deliver }
                count.increase()
                return count.value % 3 == 0 ? .deliver : .loseAnswer
            }
            for number in 1...5 { try await ada.session.room(id).send("\(number)") }
            await ada.session.room(id).sendQueue.drained()
            let theirs = try await bo.session.room(id).timeline()
            try await bo.timeline(theirs) { $0.bodies == ["1", "2", "3", "4", "5"] }
            let mine = try await ada.session.room(id).timeline()
            try await ada.timeline(mine) { $0.bodies == ["1", "2", "3", "4", "5"] }
            await ada.stop()
            await bo.stop()
        }
    }

    @Test func whatTheServerRefusesFailsAndCanBeSentAgain() async throws {
        try await TestServer.run { server throws in
            let (ada, bo, id) = try await conversation(server)
            let forbidden = TransportResponse(
                status: 403, body: Array(#"{"errcode":"M_FORBIDDEN","error":"no"}"#.utf8))
            ada.transport.judge { $0.url.contains("/send/") ? .answer(forbidden) : .deliver }
            let room = ada.session.room(id)
            let item = try await room.send("no")
            let other = try await room.send("cancelled")
            await room.sendQueue.drained()
            let timeline = try await room.timeline()
            #expect(
                await timeline.snapshot().items.last?.sending
                    == .failed(ClientError(.refused(errorCode: "M_FORBIDDEN"), "no")))
            ada.transport.judge { _ in .deliver }
            try await room.sendQueue.resend(item)
            try await room.sendQueue.cancel(other)
            await room.sendQueue.drained()
            let theirs = try await bo.session.room(id).timeline()
            try await bo.timeline(theirs) { $0.bodies == ["no"] }
            await ada.stop()
            await bo.stop()
        }
    }

    @Test func theSessionGoesOnAfterTheNetworkIsLost() async throws {
        try await TestServer.run { server throws in
            let (ada, bo, id) = try await conversation(server)
            bo.transport.judge { _ in .lose }
            try await ada.session.room(id).send("while you were away")
            let states = await bo.session.connection()
            _ = try await first(
                states, until: { if case .offline = $0 { true } else { false } }, #_sourceLocation)
            bo.transport.judge { _ in .deliver }
            let theirs = try await bo.session.room(id).timeline()
            try await bo.timeline(theirs) { $0.bodies == ["while you were away"] }
            await ada.stop()
            await bo.stop()
        }
    }

    @Test(arguments: [SyncForm.slidingV4, .v3]) func olderServersWorkToo(_ form: SyncForm) async throws {
        try await TestServer.run { server throws in
            let missing = TransportResponse(
                status: 404, body: Array(#"{"errcode":"M_UNRECOGNIZED","error":"no such endpoint"}"#.utf8))
            let transport = InProcessTransport(server)
            transport.judge { request in
                let isAccepted = request.url.contains("/v4/sync")
                if request.url.contains("simplified_msc3575") || (isAccepted && form == .v3) {
                    return .answer(missing)
                }
                return .deliver
            }
            let store = MemoryStore()
            let session = try await Session.signUp(
                "ada", password: ClientUnderTest.password,
                configuration: ClientUnderTest.configuration(server, transport: transport, store: store))
            let ada = ClientUnderTest(session: session, transport: transport, store: store)
            await session.ready()
            let bo = try await ClientUnderTest.signUp("bo", on: server)
            var creation = RoomCreation(.direct, invite: [session.userID])
            creation.isEncrypted = false
            let room = try await bo.session.createRoom(creation)
            let invited = try await ada.rooms { $0.first?.membership == .invite }
            #expect(invited.first?.inviter == bo.session.userID)
            try await session.room(room.id).join()
            try await bo.session.room(room.id).send("hi")
            let timeline = try await session.room(room.id).timeline()
            try await ada.timeline(timeline) { $0.bodies == ["hi"] }
            let listed = try await ada.rooms {
                $0.first?.unreadCount == 1 && $0.first?.directUserID == bo.session.userID
            }
            #expect(listed.first?.name == .members(["bo"], others: 0))
            await ada.stop()
            await bo.stop()
        }
    }

    @Test func accountsAndTheirEnds() async throws {
        try await TestServer.run { server throws in
            let store = MemoryStore()
            let ada = try await ClientUnderTest.signUp("ada", on: server, store: store)
            await #expect(throws: ClientError.self) {
                try await Session.signIn(
                    "ada", password: "wrong",
                    configuration: ClientUnderTest.configuration(
                        server, transport: InProcessTransport(server), store: MemoryStore()))
            }
            // A store holds one session.
            await #expect(throws: ClientError.self) {
                try await Session.signIn(
                    "ada", password: ClientUnderTest.password,
                    configuration: ClientUnderTest.configuration(
                        server, transport: InProcessTransport(server), store: store))
            }
            try await ada.session.signOut()
            #expect(await ada.ended()?.code == .signedOut(isSoft: false))
            #expect(try store.records(in: .rooms, group: nil).isEmpty)
            #expect(
                try await Session.restore(
                    ClientUnderTest.configuration(server, transport: InProcessTransport(server), store: store)) == nil)
        }
    }

    @Test func searchFindsHangulByItsInitials() async throws {
        try await TestServer.run { server throws in
            let (ada, bo, id) = try await conversation(server)
            for text in ["안녕하세요", "goodbye", "안경"] { try await ada.session.room(id).send(text) }
            let theirs = try await bo.session.room(id).timeline()
            try await bo.timeline(theirs) { $0.bodies.count == 3 }
            #expect(try await bo.session.search("ㅇㄴ").map(\.body) == ["안녕하세요"])
            #expect(try await bo.session.search("안").map(\.body).sorted() == ["안경", "안녕하세요"])
            #expect(try await bo.session.search("nothing").isEmpty)
            await ada.stop()
            await bo.stop()
        }
    }
}
