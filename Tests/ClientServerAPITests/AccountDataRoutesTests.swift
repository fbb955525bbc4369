import CanonicalJSON
import MatrixIdentifiers
import ServerUnderTest
import Testing

/// https://spec.matrix.org/v1.19/client-server-api/#client-config
@Suite(.timeLimit(.minutes(1))) struct AccountDataRoutesTests {
    struct Change: Sendable, CustomTestStringConvertible {
        let method: String
        /// With `USER`, `ROOM` and `EVENT` in place of their IDs.
        let path: String
        var body: JSONObject = [:]
        let type: String
        var content: JSONObject?

        var testDescription: String { "\(method) \(path)" }
    }

    /// Rule 70: whatever a user sets is told to all his devices that wait, emptied data too, and to nobody else.
    @Test(arguments: [
        Change(method: "PUT", path: "user/USER/account_data/m.direct", body: ["@b:x": ["!a"]], type: "m.direct"),
        Change(method: "PUT", path: "user/USER/account_data/before", body: [:], type: "before"),
        Change(
            method: "PUT", path: "user/USER/rooms/ROOM/account_data/m.marked_unread", body: ["unread": true],
            type: "m.marked_unread"),
        Change(method: "PUT", path: "user/USER/rooms/ROOM/account_data/before", body: [:], type: "before"),
        Change(
            method: "PUT", path: "user/USER/rooms/ROOM/tags/m.lowpriority", body: ["order": 1], type: "m.tag",
            content: ["tags": ["m.favourite": [:], "m.lowpriority": ["order": 1]]]),
        Change(method: "DELETE", path: "user/USER/rooms/ROOM/tags/m.favourite", type: "m.tag", content: ["tags": [:]]),
        Change(method: "POST", path: "rooms/ROOM/receipt/m.fully_read/EVENT", type: "m.fully_read"),
        Change(method: "POST", path: "rooms/ROOM/read_markers", body: ["m.fully_read": "EVENT"], type: "m.fully_read"),
        Change(method: "PUT", path: "pushrules/global/sender/@b:x", body: ["actions": []], type: "m.push_rules"),
        Change(
            method: "PUT", path: "pushrules/global/override/.m.rule.master/enabled", body: ["enabled": true],
            type: "m.push_rules"),
    ])
    func everyChangeWakesTheUsersDevices(_ change: Change) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let alice = users[0]
            let tablet = try await server.user("alice", device: "TABLET")
            let roomID = try await server.room(of: users)
            let eventID = try await server.say("hello", as: users[1], in: roomID)
            func filled(_ text: String) -> String {
                text.replacing("USER", with: alice.userID.string).replacing("ROOM", with: roomID.string)
                    .replacing("EVENT", with: eventID.string)
            }
            for path in ["user/USER/account_data/before", "user/USER/rooms/ROOM/account_data/before"] {
                #expect(await server.call("PUT", "\(v3)/\(filled(path))", as: alice, json: ["a": 1]).status == 200)
            }
            let tag = filled("user/USER/rooms/ROOM/tags/m.favourite")
            #expect(await server.call("PUT", "\(v3)/\(tag)", as: alice, json: [:]).status == 200)
            let (onTablet, others) = (
                try await server.sync(tablet).nextBatch, try await server.sync(users[1]).nextBatch
            )

            // A child, so that the time limit ends it when nothing else does.
            async let waiting = server.sync(tablet, since: onTablet, timeoutMilliseconds: 30_000)
            while server.sync.waitCount == 0 { await Task.yield() }
            let body = filled(String(decoding: change.body.bytes(), as: UTF8.self))
            let done = await server.call(change.method, "\(v3)/\(filled(change.path))", as: alice, body: body)
            #expect(done.status == 200, "\(done.text)")

            let answer = try await waiting
            let ofRoom = answer.room(roomID)?.json["account_data"]?["events"]?.arrayValue ?? []
            let events = ofRoom + (answer.json["account_data"]?["events"]?.arrayValue ?? [])
            #expect(events.map { $0["type"]?.stringValue } == [change.type])
            #expect(ofRoom.isEmpty == !filled(change.path).contains(roomID.string))
            let content = try #require(events.first?["content"]?.objectValue)
            switch change.type {
            case "m.fully_read": #expect(content == ["event_id": .string(eventID.string)])
            case "m.push_rules": #expect(content["global"]?["override"] != nil)
            default: #expect(content == change.content ?? change.body)
            }
            let nothing = try await server.sync(users[1], since: others).json
            #expect(nothing["rooms"] == nil && nothing["account_data"] == nil)
        }
    }
}
