import CanonicalJSON
import MatrixClient
import MatrixIdentifiers
import ServerUnderTest
import Testing

/// The process ends at every commit that there is: nothing is lost, sent twice or shown twice.
@Suite struct KillTests {
    private static let texts = ["one", "two", "three"]

    private func conversation(
        _ server: TestServer, isEncrypted: Bool
    ) async throws -> (ada: ClientUnderTest, bo: ClientUnderTest, room: RoomID) {
        let ada = try await ClientUnderTest.signUp("ada", on: server)
        let bo = try await ClientUnderTest.signUp("bo", on: server)
        var creation = RoomCreation(.privateGroup, name: "Tea", invite: [bo.session.userID])
        creation.isEncrypted = isEncrypted
        let room = try await ada.session.createRoom(creation)
        try await bo.rooms { $0.contains { $0.id == room.id } }
        try await bo.session.room(room.id).join()
        try await bo.rooms { $0.contains { $0.id == room.id && $0.membership == .join } }
        // A device that nobody has signed is given no keys; that is not what these tests are about.
        for client in [ada, bo] where isEncrypted {
            _ = try await first(
                client.session.encryption.status(), until: { $0.identity == .verified }, #_sourceLocation)
        }
        return (ada, bo, room.id)
    }

    /// The sender dies again and again, a little later each time, until everything is sent.
    @Test(arguments: [false, true], [false, true])
    func theSenderIsKilled(isEncrypted: Bool, diesAfterCommit: Bool) async throws {
        try await TestServer.run { server throws in
            let (ada, bo, id) = try await conversation(server, isEncrypted: isEncrypted)
            ada.transport.judge { $0.url.contains("/send/") || $0.url.contains("/sendToDevice/") ? .lose : .deliver }
            for text in Self.texts { try await ada.session.room(id).send(text) }
            await ada.stop()
            let kept = try #require(ada.store as? MemoryStore)
            for commits in 0..<40 {
                let store = KillingStore(kept, commits: commits, diesAfterCommit: diesAfterCommit)
                let transport = InProcessTransport(server)
                let configuration = ClientUnderTest.configuration(server, transport: transport, store: store)
                let session: Session?
                do {
                    session = try await Session.restore(configuration)
                } catch {
                    continue
                }
                let client = ClientUnderTest(session: try #require(session), transport: transport, store: store)
                await client.session.room(id).sendQueue.drained()
                await client.stop()
                if !store.isDead { break }
            }
            let last = try await ada.restarted(on: server)
            await last.session.ready()
            let mine = try await last.session.room(id).timeline()
            try await last.timeline(mine) { $0.bodies == Self.texts && $0.items.allSatisfy { $0.sending == nil } }
            let theirs = try await bo.session.room(id).timeline()
            try await bo.timeline(theirs) { $0.bodies == Self.texts }
            await last.stop()
            await bo.stop()
        }
    }

    @Test(arguments: [false, true], [false, true])
    func theReceiverIsKilled(isEncrypted: Bool, diesAfterCommit: Bool) async throws {
        try await TestServer.run { server throws in
            let (ada, bo, id) = try await conversation(server, isEncrypted: isEncrypted)
            await bo.stop()
            let kept = try #require(bo.store as? MemoryStore)
            var sent: [String] = []
            for commits in 0..<12 {
                let text = "message \(commits)"
                try await ada.session.room(id).send(text)
                await ada.session.room(id).sendQueue.drained()
                sent.append(text)
                let store = KillingStore(kept, commits: commits % 4, diesAfterCommit: diesAfterCommit)
                let transport = InProcessTransport(server)
                let configuration = ClientUnderTest.configuration(server, transport: transport, store: store)
                do {
                    guard let session = try await Session.restore(configuration) else { continue }
                    let client = ClientUnderTest(session: session, transport: transport, store: store)
                    await client.session.ready()
                    await client.stop()
                } catch {
                    continue
                }
            }
            let last = try await bo.restarted(on: server)
            await last.session.ready()
            let timeline = try await last.session.room(id).timeline()
            let expected = sent
            try await last.timeline(timeline) { $0.bodies == expected }
            await last.stop()
            await ada.stop()
        }
    }
}
