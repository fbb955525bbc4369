import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import RandomJSON
import ServerUnderTest
import Testing

/// What a client puts together from its syncs is the room, whatever happens in it and whenever the client asks.
@Suite struct RandomSyncTests {
    /// Rules 56, 57, 58 and 61.
    @Test(arguments: [false, true], [1, 3, 40]) func stateAndTimelineAddUp(
        usesStateAfter: Bool, limit: Int
    ) async throws {
        var generator = SeededGenerator.fresh()
        let seed = generator.seed
        print("SEED=\(seed) (state_after: \(usesStateAfter), limit \(limit))")
        try await TestServer.run { first throws in
            let users = try await first.users("alice", "bob", "carol")
            let roomID = try await first.room(of: [users[0]])
            var server = first
            var runs: [TestServer] = []
            var clients = users.dropFirst().map { SyncingClient($0, limit: limit, usesStateAfter: usesStateAfter) }
            for step in 0..<60 {
                for index in 0..<Int.random(in: 0...6, using: &generator) {
                    try? await act("\(step).\(index)", users, roomID, server, using: &generator)
                }
                if generator.chance(7) {
                    // The services begin anew on the same database.
                    server = try await server.reopened()
                    runs.append(server)
                }
                for index in clients.indices where generator.chance(60) {
                    if generator.chance(30) {
                        // The first answer got lost on its way.
                        let lost = try await clients[index].answer(of: server)
                        let again = try await clients[index].answer(of: server)
                        #expect(lost.rooms("join") == again.rooms("join"), "SEED=\(seed)")
                    }
                    try await clients[index].sync(with: server)
                    try await expectAgreement(clients[index], roomID, server, "SEED=\(seed) step \(step)")
                }
            }
            for run in runs { try await run.stop() }
        }
    }

    private func expectAgreement(
        _ client: SyncingClient, _ roomID: RoomID, _ server: TestServer, _ comment: Comment
    ) async throws {
        let membership = try await server.rooms.room(roomID).read { $0.state.membership(of: client.user.userID) }
        guard membership == .join else {
            #expect(client.timelines[roomID] == nil, comment)
            return
        }
        let state = try await server.presentState(roomID)
        let missing = state.filter { client.state[roomID]?[$0.key] != $0.value }.map(\.key)
        #expect(missing.isEmpty, comment)
        #expect(client.state[roomID]?.count == state.count, comment)
        let stored = try await server.storedTimeline(roomID)
        let seen = client.timelines[roomID] ?? []
        let isTheEnd = seen == Array(stored.suffix(seen.count))
        #expect(isTheEnd, comment)
    }

    private func act(
        _ name: String, _ users: [TestUser], _ roomID: RoomID, _ server: TestServer,
        using generator: inout SeededGenerator
    ) async throws {
        let user = users.randomElement(using: &generator)!
        switch Int.random(in: 0..<10, using: &generator) {
        case 0...3: try await server.say(name, as: user, in: roomID)
        case 4, 5: try await server.rooms.join(roomID, userID: user.userID, reason: nil)
        case 6 where user.userID != users[0].userID:
            try await server.rooms.leave(roomID, userID: user.userID, reason: nil)
        case 7: try await server.rooms.invite(user.userID, to: roomID, by: users[0].userID, reason: nil)
        default:
            let key = ["a", "b", "\u{E9}", "e\u{301}"].randomElement(using: &generator)!
            _ = try await server.rooms.setState(
                "x.state", stateKey: key, content: ["v": .string(name)], in: roomID, sender: users[0].userID)
        }
    }
}
