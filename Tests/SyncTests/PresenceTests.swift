import CanonicalJSON
import Homeserver
import MatrixEvents
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Sync
import Testing

/// Rules 69 and 128.
@Suite struct PresenceTests {
    private func withPresence(_ body: (TestServer) async throws -> Void) async throws {
        try await TestServer.run(configure: { $0.presence = true }) { server throws in try await body(server) }
    }

    private func presences(_ answer: SyncAnswer) -> [String: String] {
        var found: [String: String] = [:]
        for event in answer.json["presence"]?["events"]?.arrayValue ?? [] {
            guard event["type"] == "m.presence", let sender = event["sender"]?.stringValue else { continue }
            found[sender] = event["content"]?["presence"]?.stringValue
        }
        return found
    }

    @Test("rule 69: syncing shows a user to those in his rooms, and not to himself")
    func syncingShowsAUser() async throws {
        try await withPresence { server throws in
            let users = try await server.users("alice", "bob", "carol")
            _ = try await server.room(of: [users[0], users[1]])
            let first = try await server.sync(users[0])
            #expect(presences(first).isEmpty)
            _ = try await server.sync(users[1])
            _ = try await server.sync(users[2])
            let second = try await server.sync(users[0], since: first.nextBatch)
            #expect(presences(second) == ["@bob:test": "online"])
            #expect(presences(try await server.sync(users[0], since: second.nextBatch)).isEmpty)
            // A first sync tells who is there.
            #expect(presences(try await server.sync(users[0])) == ["@bob:test": "online"])
            #expect(presences(try await server.sync(users[2])).isEmpty)
        }
    }

    @Test("rule 69: what does not sync is offline, and set_presence=offline does not show")
    func goneUsersAreOffline() async throws {
        try await withPresence { server throws in
            let users = try await server.users("alice", "bob")
            _ = try await server.room(of: users)
            var request = SyncRequest(userID: users[1].userID, device: users[1].device)
            request.presence = .offline
            _ = try await server.sync.sync(request)
            let first = try await server.sync(users[0])
            #expect(presences(first).isEmpty)
            _ = try await server.sync(users[1])
            let second = try await server.sync(users[0], since: first.nextBatch)
            #expect(presences(second) == ["@bob:test": "online"])
            server.clock.advance(milliseconds: 46_000)
            server.homeserver.tick()
            #expect(
                presences(try await server.sync(users[0], since: second.nextBatch)) == ["@bob:test": "offline"])
        }
    }

    @Test("rule 128: currently_active and last_active_ago")
    func activity() async throws {
        try await withPresence { server throws in
            let users = try await server.users("alice", "bob")
            _ = try await server.room(of: users)
            let presence = server.rooms.presence
            presence.set(.online, message: "tea", of: users[1].userID)
            server.clock.advance(milliseconds: 10_000)
            #expect(
                presence.content(of: users[1].userID)
                    == [
                        "presence": "online", "status_msg": "tea", "currently_active": true, "last_active_ago": 10_000,
                    ])
            // Idle after five minutes, though the client goes on syncing.
            for _ in 1...11 {
                server.clock.advance(milliseconds: 30_000)
                presence.noteSync(of: users[1].userID, wanting: .online, timeoutMilliseconds: 30_000)
                server.homeserver.tick()
            }
            let idle = presence.content(of: users[1].userID)
            #expect(idle?["presence"] == "unavailable")
            #expect(idle?["currently_active"] == false)
            let serial = presence.serial
            presence.noteActivity(of: users[1].userID)
            #expect(presence.content(of: users[1].userID)?["presence"] == "online")
            #expect(presence.serial == serial + 1)
            // Activity alone is no news.
            server.clock.advance(milliseconds: 1_000)
            presence.noteActivity(of: users[1].userID)
            #expect(presence.serial == serial + 1)
        }
    }

    @Test func aChangeWakesThoseWhoWaitAndTheFilterChooses() async throws {
        try await withPresence { server throws in
            let users = try await server.users("alice", "bob", "carol")
            _ = try await server.room(of: users)
            for user in users { _ = try await server.sync(user) }
            let since = try await server.sync(users[0]).nextBatch
            async let woken = server.sync(users[0], since: since, timeoutMilliseconds: 60_000)
            while server.sync.waitCount == 0 { await Task.yield() }
            server.rooms.presence.set(.unavailable, message: "lunch", of: users[1].userID)
            #expect(presences(try await woken) == ["@bob:test": "unavailable"])
            let filters: [(JSONObject, Int)] = [
                (["presence": ["not_types": ["m.presence"]]], 0), (["presence": ["types": []]], 0),
                (["presence": ["senders": ["@bob:test"]]], 1), (["presence": ["not_senders": ["@bob:test"]]], 0),
            ]
            for (filter, count) in filters {
                #expect(presences(try await server.sync(users[0], since: since, filter: filter)).count == count)
            }
        }
    }

    @Test func nothingIsToldWhereItIsOff() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            _ = try await server.room(of: users)
            server.rooms.presence.set(.online, message: nil, of: users[1].userID)
            let answer = try await server.sync(users[0])
            #expect(answer.json["presence"] == nil)
            #expect(answer.nextBatch.split(separator: "_").count < 3)
        }
    }
}
