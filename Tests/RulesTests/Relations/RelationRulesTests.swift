import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers
import Rules
import Testing

@Suite struct RelationRulesTests {
    private let parent = EventID("$" + String(repeating: "p", count: 43))!

    private func event(
        _ type: String = "m.room.message", sender: String = "@alice:test", stateKey: String? = nil,
        _ content: JSONObject = ["body": "text"]
    ) -> PersistentDataUnit {
        PersistentDataUnit(
            eventID: parent, roomID: RoomID("!room:test")!, type: type, stateKey: stateKey, sender: UserID(sender)!,
            content: content, originServerTimestamp: 1, depth: 1, authEvents: [], prevEvents: [])
    }

    private func relation(_ type: JSONValue, to eventID: JSONValue? = nil) -> JSONObject {
        ["m.relates_to": ["rel_type": type, "event_id": eventID ?? .string(parent.string), "key": "👍"]]
    }

    @Test func aRelationIsReadFromTheContent() throws {
        let read = try #require(EventRelation(content: relation("m.annotation")))
        #expect(read.type == "m.annotation")
        #expect(read.parent == parent)
        #expect(read.key == "👍")
    }

    @Test func whatHasNotTheFormOfARelationIsNone() {
        let contents: [JSONObject] = [
            [:], ["m.relates_to": "x"], ["m.relates_to": ["m.in_reply_to": ["event_id": .string(parent.string)]]],
            relation(7), relation(""), relation("m.thread", to: 7), relation("m.thread", to: "no event"),
            relation(.string(String(repeating: "x", count: 256))),
        ]
        for content in contents { #expect(EventRelation(content: content) == nil, "\(content)") }
    }

    /// Rule 105.
    @Test func onlyWhatKeepsToTheRulesReplaces() {
        let edit = event(["m.new_content": ["body": "new"]])
        #expect(RelationRules.isValidReplacement(edit, of: event()))
        #expect(!RelationRules.isValidReplacement(event(["body": "* new"]), of: event()))
        #expect(!RelationRules.isValidReplacement(event(["m.new_content": "text"]), of: event()))
        #expect(!RelationRules.isValidReplacement(edit, of: event(sender: "@bob:test")))
        #expect(!RelationRules.isValidReplacement(edit, of: event("m.sticker")))
        #expect(!RelationRules.isValidReplacement(edit, of: event(stateKey: "")))
        #expect(
            !RelationRules.isValidReplacement(event(stateKey: "", ["m.new_content": [:]]), of: event()))
        #expect(!RelationRules.isValidReplacement(edit, of: event(relation("m.replace"))))
        // A reply in a thread may be edited.
        #expect(RelationRules.isValidReplacement(edit, of: event(relation("m.thread"))))
        // What is encrypted hides its new content, and does not replace what is not.
        let encrypted = event("m.room.encrypted", ["ciphertext": "x"])
        #expect(RelationRules.isValidReplacement(encrypted, of: event("m.room.encrypted", [:])))
        #expect(!RelationRules.isValidReplacement(encrypted, of: event()))
    }

    /// Rule 106.
    @Test func aThreadBeginsAtAnEventThatRelatesToNone() {
        #expect(RelationRules.isValidThreadRoot(event()))
        #expect(RelationRules.isValidThreadRoot(event(["m.relates_to": ["m.in_reply_to": [:]]])))
        #expect(!RelationRules.isValidThreadRoot(event(relation("m.thread"))))
        #expect(!RelationRules.isValidThreadRoot(event(relation("m.annotation"))))
    }
}

extension RelationRulesTests {
    private func event(_ content: JSONObject) -> PersistentDataUnit { event("m.room.message", content) }
}
