import CanonicalJSON
import MatrixClient
import MatrixIdentifiers
import Testing

@Suite struct RoomQueueTests {
    private static let room = RoomID("!room:test")!

    private func entry(
        _ transaction: String, in queue: RoomQueue, content: JSONObject = [:], target: String? = nil
    ) -> QueueEntry {
        QueueEntry(
            roomID: Self.room, place: queue.nextPlace, transactionID: transaction,
            kind: .event(type: "m.room.message"), content: content, target: target, timestamp: 1)
    }

    private func queue(_ transactions: String...) -> RoomQueue {
        var queue = RoomQueue()
        for transaction in transactions { _ = queue.append(entry(transaction, in: queue)) }
        return queue
    }

    @Test func entriesAreSentInOrder() {
        var queue = queue("a", "b", "c")
        #expect(queue.next?.transactionID == "a")
        _ = queue.sent("a", as: "$a")
        #expect(queue.next?.transactionID == "b")
        #expect(queue.returned(transactionID: "a", eventID: "$a").count == 1)
        #expect(queue.entries.map(\.transactionID) == ["b", "c"])
    }

    @Test func whatSpeaksOfAnEntryLearnsItsEventID() throws {
        var queue = queue("a")
        let content: JSONObject = [
            "m.relates_to": [
                "rel_type": "m.replace", "event_id": "~a", "m.in_reply_to": ["event_id": "~a"],
            ]
        ]
        _ = queue.append(entry("b", in: queue, content: content, target: "~a"))
        let before = try #require(queue["b"])
        #expect(!queue.isOrphan(before))
        _ = queue.sent("a", as: "$a")
        let after = try #require(queue["b"])
        #expect(after.references.isEmpty)
        #expect(after.target == "$a")
        #expect(
            after.content["m.relates_to"] == [
                "rel_type": "m.replace", "event_id": "$a", "m.in_reply_to": ["event_id": "$a"],
            ])
    }

    /// The sync may be quicker than the answer to the request.
    @Test func anEventThatComesBackFirstEndsItsEntry() throws {
        var queue = queue("a")
        _ = queue.append(entry("b", in: queue, target: "~a"))
        _ = queue.returned(transactionID: "a", eventID: "$a")
        #expect(queue["a"] == nil)
        #expect(queue["b"]?.target == "$a")
        #expect(queue.sent("a", as: "$a").isEmpty)
    }

    @Test func failureDoesNotHoldUpOthersAndLeavesOrphans() throws {
        var queue = queue("a", "b")
        _ = queue.append(entry("c", in: queue, target: "~a"))
        var failed = try #require(queue["a"])
        failed.state = .failed(ClientError(.refused(errorCode: "M_FORBIDDEN"), "no"))
        _ = queue.replace(failed)
        #expect(queue.next?.transactionID == "b")
        #expect(queue.isOrphan(try #require(queue["c"])))
        _ = queue.resend("a")
        #expect(queue.entries.map(\.transactionID) == ["b", "c", "a"])
        #expect(queue["a"]?.state == .waiting)
    }

    @Test func cancellingTakesWhatDependsOnItAlong() {
        var queue = queue("a", "b")
        _ = queue.append(entry("c", in: queue, target: "~a"))
        #expect(queue.cancel("a").count == 2)
        #expect(queue.entries.map(\.transactionID) == ["b"])
    }

    @Test func entriesSurviveTheStore() throws {
        var entry = entry("a", in: RoomQueue(), content: ["body": "x"], target: "$t")
        entry.encrypted = ["ciphertext": "y"]
        entry.upload = .init(mimeType: "text/plain", name: "n")
        entry.hasBeenTried = true
        let states: [QueueEntry.State] = [
            .waiting, .sent(eventID: "$1"), .failed(ClientError(.refused(errorCode: "M_FORBIDDEN"), "no")),
            .failed(ClientError(.identityChanged(userIDs: ["@a:b"]), "changed")),
        ]
        for state in states {
            entry.state = state
            let change = entry.change
            let record = StoreRecord(key: change.key, value: try #require(change.value))
            #expect(QueueEntry(record) == entry)
        }
    }
}
