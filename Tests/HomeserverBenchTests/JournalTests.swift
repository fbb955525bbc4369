import HomeserverBench
import Testing

@Suite struct JournalTests {
    private let room = JournalEntry.room(roomID: "!r:h", userID: "@u:h", accessToken: "secret")
    private let message = JournalEntry.acknowledged(
        roomID: "!r:h", transactionID: "run-0-1", eventID: "$e", text: #"a "quoted" text"#)

    @Test func anEntryIsOneLineOfJSON() {
        #expect(
            String(decoding: message.line, as: UTF8.self)
                == #"{"event_id":"$e","room_id":"!r:h","text":"a \"quoted\" text","txn_id":"run-0-1","#
                + #""type":"acknowledged"}"# + "\n")
        #expect(
            String(decoding: room.line, as: UTF8.self)
                == #"{"access_token":"secret","room_id":"!r:h","type":"room","user_id":"@u:h"}"# + "\n")
    }

    @Test func entriesAreReadBack() throws {
        for entry in [room, message] { #expect(try JournalEntry(line: entry.line.dropLast()) == entry) }
    }

    @Test func aLineCutShortAtTheEndIsLeftOut() throws {
        let bytes = room.line + message.line + message.line.prefix(20)
        #expect(try VerifyScenario.entries(of: bytes) == [room, message])
    }

    @Test(arguments: ["", "{}", "[]", #"{"type":"other"}"#, #"{"type":"room","room_id":1}"#])
    func otherLinesAreRefused(line: String) {
        #expect(throws: BenchError.self) { try JournalEntry(line: Array(line.utf8)) }
    }

    @Test func aJournalThatCannotBeWrittenSaysWhy() {
        let error = #expect(throws: BenchError.self) { try Journal(path: "/nowhere/at/all") }
        #expect(error?.description == "cannot write /nowhere/at/all: no such file or directory")
    }
}

@Suite struct JournalCheckTests {
    private func acknowledged(_ text: String, event: String) -> JournalEntry {
        .acknowledged(roomID: "!r:h", transactionID: text, eventID: event, text: text)
    }

    private func found(_ text: String, event: String, room: String = "!r:h") -> JournalCheck.Found {
        JournalCheck.Found(roomID: room, eventID: event, text: text)
    }

    @Test func everythingThereOnceHolds() {
        let check = JournalCheck(
            journal: [acknowledged("a", event: "$1"), acknowledged("b", event: "$2")],
            found: [found("b", event: "$2"), found("a", event: "$1"), found("c", event: "$3")])
        #expect(check.acknowledgedCount == 2)
        #expect(check.missing.isEmpty && check.repeated.isEmpty && check.renamed.isEmpty)
        #expect(check.unacknowledgedCount == 1)
    }

    @Test func whatIsLostOrRepeatedOrRenamedIsFound() {
        let check = JournalCheck(
            journal: ["a", "b", "c", "d"].map { acknowledged($0, event: "$\($0)") },
            found: [
                found("b", event: "$b"), found("b", event: "$other"), found("c", event: "$other"),
                found("d", event: "$d", room: "!other:h"),
                found("e", event: "$e"), found("e", event: "$e2"),
            ])
        #expect(check.missing == ["a"])
        #expect(check.repeated.sorted() == ["b", "e"])
        #expect(check.renamed == ["c", "d"])
    }
}
