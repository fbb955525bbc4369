import CanonicalJSON
import MatrixIdentifiers
import ServerUnderTest
import Testing

/// https://spec.matrix.org/v1.19/client-server-api/#published-room-directory
@Suite struct ListPublicRoomsRoutesTests {
    private let path = "\(v3)/publicRooms"

    private func count(_ answer: Answer) -> Int? { answer.json["chunk"]?.arrayValue?.count }

    /// Rule 115: rooms of other networks and of other servers are not those of this one.
    @Test func otherDirectoriesAreNotThisOne() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            try await server.rooms.setListed(true, roomID: roomID, by: alice.userID)
            for body in [[:], ["include_all_networks": true], ["include_all_networks": false]] as [JSONObject] {
                #expect(await count(server.call("POST", path, as: alice, json: body)) == 1)
            }
            #expect(await count(server.call("POST", "\(path)?server=test", as: alice, json: [:])) == 1)
            let other = await server.call("POST", path, as: alice, json: ["third_party_instance_id": "irc-libera"])
            #expect(other.status == 200)
            #expect(count(other) == 0)
            #expect(other.json["total_room_count_estimate"] == 0)
            let both: JSONObject = ["third_party_instance_id": "irc-libera", "include_all_networks": true]
            #expect(await server.call("POST", path, as: alice, json: both).code == "M_INVALID_PARAM")
            for wrong in [["third_party_instance_id": 1], ["include_all_networks": "yes"]] as [JSONObject] {
                #expect(await server.call("POST", path, as: alice, json: wrong).status == 400)
            }
            for method in ["GET", "POST"] {
                let remote = await server.call(method, "\(path)?server=elsewhere.example", as: alice)
                #expect(remote.status == 404, "\(remote.text)")
                #expect(count(remote) == nil)
            }
        }
    }

    /// Rule 115: a room without a type is asked for with null, and pages join.
    @Test func typesAndPages() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            var all: Set<String> = []
            for _ in 0..<5 {
                let roomID = try await server.room(of: [alice])
                try await server.rooms.setListed(true, roomID: roomID, by: alice.userID)
                all.insert(roomID.string)
            }
            func count(of types: JSONValue) async -> Int? {
                await self.count(server.call("POST", path, as: alice, json: ["filter": ["room_types": types]]))
            }
            #expect(await count(of: [.null]) == 5)
            #expect(await count(of: ["m.space", .null]) == 5)
            #expect(await count(of: ["m.space"]) == 0)
            var (found, since): ([String], String) = ([], "")
            repeat {
                let page = await server.call("GET", "\(path)?limit=2\(since)")
                found += (page.json["chunk"]?.arrayValue ?? []).compactMap { $0["room_id"]?.stringValue }
                since = page.json["next_batch"]?.stringValue.map { "&since=\($0)" } ?? ""
            } while !since.isEmpty
            #expect(found.count == 5 && Set(found) == all)
        }
    }
}
