import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers
import Testing

/// Reading a PDU: https://spec.matrix.org/v1.19/rooms/v12/#event-format
struct EventFormatTests {
    private static let event: JSONObject = [
        "auth_events": ["$a"], "content": ["body": "hello"], "depth": 3, "hashes": [:], "origin_server_ts": 7,
        "prev_events": ["$b", "$c"], "room_id": "!room:x", "sender": "@a:x", "signatures": [:], "state_key": "k",
        "type": "m.x",
    ]

    private func read(_ change: (inout JSONObject) -> Void = { _ in }) throws(EventFormatError) -> PersistentDataUnit {
        var json = Self.event
        change(&json)
        return try PersistentDataUnit(json: json, eventID: EventID("$id")!, roomID: RoomID("!room:x")!)
    }

    @Test func allFieldsAreRead() throws {
        let event = try read()
        #expect(event.authEvents == [EventID("$a")!])
        #expect(event.prevEvents == [EventID("$b")!, EventID("$c")!])
        #expect(event.content == ["body": "hello"])
        #expect(event.depth == 3)
        #expect(event.originServerTimestamp == 7)
        #expect(event.sender == UserID("@a:x"))
        #expect(event.stateKey == "k")
        #expect(event.type == "m.x")
        #expect(try read { $0["state_key"] = nil }.stateKey == nil)
        #expect(try read { $0["unknown"] = 1 }.type == "m.x", "keys that nobody knows are no reason to refuse")
    }

    @Test(
        arguments: [
            ("auth_events", nil), ("auth_events", ["not an id"]), ("auth_events", [1]), ("auth_events", [["$a", [:]]]),
            ("content", nil), ("content", []), ("depth", nil), ("depth", "3"), ("depth", .number(literal: "3.0")),
            ("origin_server_ts", nil), ("prev_events", nil), ("prev_events", "$a"), ("room_id", nil),
            ("room_id", "!b:x"),
            ("room_id", 1), ("sender", nil), ("sender", "alice"), ("state_key", 1), ("state_key", .null), ("type", nil),
            ("type", .string(String(repeating: "x", count: 256))),
            ("state_key", .string(String(repeating: "x", count: 256))),
            ("auth_events", .array(Array(repeating: "$a", count: 11))),
            ("prev_events", .array(Array(repeating: "$a", count: 21))),
        ] as [(String, JSONValue?)])
    func whatIsWrongIsNamed(key: String, value: JSONValue?) {
        let error = #expect(throws: EventFormatError.self) { try read { $0[key] = value } }
        #expect(error?.key == key)
    }

    @Test func onlyACreateEventMayLackItsRoom() throws {
        let event = try read {
            $0["room_id"] = nil
            $0["type"] = "m.room.create"
        }
        #expect(event.roomID == RoomID("!room:x"))
    }
}
