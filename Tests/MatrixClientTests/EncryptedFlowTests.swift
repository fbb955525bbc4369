import CanonicalJSON
import MatrixClient
import MatrixIdentifiers
import ServerUnderTest
import Testing

/// Encrypted conversations against the server itself, which sees no word of them.
@Suite struct EncryptedFlowTests {
    /// Two people in an encrypted room of their own.
    private func conversation(
        _ server: TestServer
    ) async throws -> (ada: ClientUnderTest, bo: ClientUnderTest, room: RoomID) {
        let ada = try await ClientUnderTest.signUp("ada", on: server)
        let bo = try await ClientUnderTest.signUp("bo", on: server)
        let room = try await ada.session.directChat(with: bo.session.userID)
        try await bo.rooms { $0.contains { $0.id == room.id && $0.membership == .invite } }
        try await bo.session.room(room.id).join()
        try await bo.rooms { $0.contains { $0.id == room.id && $0.membership == .join && $0.isEncrypted } }
        return (ada, bo, room.id)
    }

    private static let canary = "canary-7f3a91c2e0"

    @Test func theServerSeesNothingOfADirectChat() async throws {
        try await TestServer.run { server throws in
            let (ada, bo, id) = try await conversation(server)
            let theirs = try await bo.session.room(id).timeline()
            let mine = try await ada.session.room(id).timeline()
            try await ada.session.room(id).send(Self.canary)
            let seen = try await bo.timeline(theirs) {
                $0.bodies == [Self.canary] && $0.items.last?.protection == .encrypted
            }
            let item = try #require(seen.items.last)
            try await bo.session.room(id).toggleReaction(Self.canary, on: item.id)
            var answer = OutgoingMessage("re: " + Self.canary)
            answer.replyTo = item.id
            try await bo.session.room(id).send(answer)
            let answered = try await ada.timeline(mine) {
                $0.bodies.count == 2 && $0.items.contains { $0.reactions.first?.key == Self.canary }
            }
            #expect(answered.items.last?.replyTo?.body == Self.canary)
            let own = try #require(answered.items.last { $0.isOwn && $0.eventID == item.eventID })
            try await ada.session.room(id).edit(own.id, to: OutgoingMessage("edited " + Self.canary))
            try await bo.timeline(theirs) { $0.bodies.first == "edited " + Self.canary }
            for client in [ada, bo] {
                for request in client.transport.requests {
                    #expect(!request.url.contains(Self.canary))
                    #expect(!String(decoding: request.body, as: UTF8.self).contains(Self.canary))
                }
                await client.stop()
            }
        }
    }

    @Test func unreadMessagesAreCountedAsTheyAreRead() async throws {
        try await TestServer.run { server throws in
            let (ada, bo, id) = try await conversation(server)
            var mention = OutgoingMessage("for you")
            mention.mentions = [bo.session.userID]
            try await ada.session.room(id).send("one")
            try await ada.session.room(id).send(mention)
            try await bo.rooms { $0.first?.unreadCount == 2 && $0.first?.highlightCount == 1 }
            try await bo.session.room(id).markRead()
            try await bo.rooms { $0.first?.unreadCount == 0 && $0.first?.highlightCount == 0 }
            await ada.stop()
            await bo.stop()
        }
    }

    /// What was written while nobody was there is readable after a restart of both.
    @Test func keysSurviveRestarts() async throws {
        try await TestServer.run { server throws in
            let (ada, bo, id) = try await conversation(server)
            try await ada.session.room(id).send("before")
            await ada.session.room(id).sendQueue.drained()
            await bo.stop()
            let adaAgain = try await ada.restarted(on: server)
            try await adaAgain.session.room(id).send("after")
            await adaAgain.session.room(id).sendQueue.drained()
            let boAgain = try await bo.restarted(on: server)
            let timeline = try await boAgain.session.room(id).timeline()
            try await boAgain.timeline(timeline) { $0.bodies == ["before", "after"] }
            await adaAgain.stop()
            await boAgain.stop()
        }
    }

    /// Both compare the same emojis, and each trusts the other afterwards.
    @Test func peopleVerifyEachOtherByEmoji() async throws {
        try await TestServer.run { server throws in
            let (ada, bo, _) = try await conversation(server)
            for client in [ada, bo] {
                _ = try await first(
                    client.session.encryption.status(), until: { $0.identity == .verified }, #_sourceLocation)
            }
            let mine = try await ada.session.encryption.requestVerification(of: bo.session.userID)
            let theirs = try await first(
                bo.session.encryption.incomingVerifications(), until: { _ in true }, #_sourceLocation)
            try await theirs.accept()
            _ = try await first(
                mine.updates(), until: { if case .ready = $0 { true } else { false } }, #_sourceLocation)
            try await mine.startEmoji()
            func compared(_ verification: Verification) async throws -> VerificationState {
                try await first(
                    verification.updates(), until: { if case .comparing = $0 { true } else { false } },
                    #_sourceLocation)
            }
            #expect(try await compared(mine) == compared(theirs))
            try await mine.confirm()
            try await theirs.confirm()
            for verification in [mine, theirs] {
                _ = try await first(verification.updates(), until: { $0 == .done }, #_sourceLocation)
            }
            #expect(await ada.session.encryption.trust(of: bo.session.userID) == .verified)
            #expect(await bo.session.encryption.trust(of: ada.session.userID) == .verified)
            await ada.stop()
            await bo.stop()
        }
    }

    /// A device that comes later reads what was before it, with the recovery key alone.
    @Test func aNewDeviceRecoversWhatWasWritten() async throws {
        try await TestServer.run { server throws in
            let (ada, bo, id) = try await conversation(server)
            try await bo.session.room(id).send("old")
            let timeline = try await ada.session.room(id).timeline()
            try await ada.timeline(timeline) { $0.bodies == ["old"] }
            _ = try await first(
                ada.session.encryption.status(), until: { $0.identity == .verified }, #_sourceLocation)
            let key = try await ada.session.encryption.setUpRecovery()
            _ = try await first(
                ada.session.encryption.status(), until: { $0.recovery == .on && $0.keysToBackUp == 0 },
                #_sourceLocation)
            let transport = InProcessTransport(server)
            let store = MemoryStore()
            let session = try await Session.signIn(
                "ada", password: ClientUnderTest.password,
                configuration: ClientUnderTest.configuration(server, transport: transport, store: store))
            let second = ClientUnderTest(session: session, transport: transport, store: store)
            await session.ready()
            let fresh = try await session.room(id).timeline()
            try await second.timeline(fresh) {
                $0.items.contains { if case .unreadable = $0.content { true } else { false } }
            }
            await #expect(throws: ClientError.self) { try await session.encryption.recover("wrong key") }
            try await session.encryption.recover(key)
            try await second.timeline(fresh) { $0.bodies == ["old"] }
            _ = try await first(
                session.encryption.status(), until: { $0.identity == .verified && $0.recovery == .on },
                #_sourceLocation)
            for client in [ada, bo, second] { await client.stop() }
        }
    }
}
