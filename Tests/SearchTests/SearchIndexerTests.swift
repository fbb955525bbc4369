import CanonicalJSON
import HangulSearch
import HomeserverStore
import MatrixIdentifiers
import RandomJSON
import Search
import ServerUnderTest
import Testing

@Suite struct SearchIndexerTests {
    private func segments(_ server: TestServer) async throws -> [SearchSegmentRecord] {
        try await server.database.read { try $0.searchSegments(after: 0, limit: 1_000) }
    }

    /// Which terms the whole index holds.
    private func terms(_ server: TestServer, matching text: String) async throws -> Int {
        let patterns = try #require(SearchQuery(text)).patterns
        return try await server.database.read { store in
            var count = 0
            for segment in try store.searchSegments(after: 0, limit: 1_000) {
                var documents = DocumentSet()
                for block in try store.searchBlocks(of: segment.number, terms: patterns[0].range) {
                    try IndexSegment.Block(firstTerm: block.firstTerm, bytes: block.bytes)
                        .find(patterns[0], into: &documents)
                }
                if !documents.isEmpty { count += 1 }
            }
            return count
        }
    }

    @Test func segmentsGrowByBeingJoined() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            for number in 0..<37 {
                try await server.say("message \(number)", as: alice, in: roomID)
                try await server.index()
            }
            let counts = try await segments(server).map(\.count).sorted(by: >)
            #expect(counts.reduce(0, +) == 37)
            #expect(counts == [32, 4, 1])
            for number in 0..<37 {
                #expect(try await server.search("message \(number) ", as: alice).bodies == ["message \(number)"])
            }
        }
    }

    /// Rule 32: what is redacted is not found, and leaves no trace in the index.
    @Test func redactedMessagesLeaveTheIndex() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            try await server.say("harmless", as: alice, in: roomID)
            let secret = try await server.say("비밀번호", as: alice, in: roomID)
            try await server.say("tail", as: alice, in: roomID)
            try await server.index()
            #expect(try await server.search("비밀", as: alice).results.count == 1)
            #expect(try await terms(server, matching: "비밀") == 1)
            _ = try await server.rooms.redact(
                secret, in: roomID, reason: nil, transactionID: "r", sender: alice.sender)
            // Not even before the index has heard of it.
            #expect(try await server.search("비밀", as: alice).results.isEmpty)
            try await server.index()
            #expect(try await server.search("비밀", as: alice).results.isEmpty)
            #expect(try await terms(server, matching: "비밀") == 0)
            #expect(try await server.search("harmless", as: alice).results.count == 1)
            #expect(try await server.search("tail", as: alice).results.count == 1)
        }
    }

    /// Rule 32: an event that is sent and redacted before the index comes to it.
    @Test func whatIsRedactedAtOnceIsNeverIndexed() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            let secret = try await server.say("secret", as: alice, in: roomID)
            _ = try await server.rooms.redact(
                secret, in: roomID, reason: nil, transactionID: "r", sender: alice.sender)
            #expect(try await server.search("secret", as: alice).results.isEmpty)
            try await server.index()
            #expect(try await terms(server, matching: "secret") == 0)
        }
    }

    /// Rule 32: events that a retention rule takes away leave no redaction behind.
    @Test func deletedEventsLeaveTheIndex() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            let old = try await server.say("ancient words", as: alice, in: roomID)
            try await server.say("new words", as: alice, in: roomID)
            try await server.index()
            // As a job does that erases without a word in the stream.
            try await server.writes.submit { context in
                let record = try #require(try context.store.event(old))
                var pdu = try JSONObject(parsing: record.pdu)
                pdu["content"] = [:]
                try context.store.redactEvent(at: record.position, by: record.position, redactedPDU: pdu.bytes())
            }
            #expect(try await server.search("words", as: alice).bodies == ["new words"])
            #expect(try await terms(server, matching: "ancient") == 1)
            try await server.homeserver.searchIndexer.removeWhatIsGone()
            #expect(try await terms(server, matching: "ancient") == 0)
            #expect(try await server.search("words", as: alice).bodies == ["new words"])
        }
    }

    @Test func theIndexGoesOnAfterARestart() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            try await server.say("first tea", as: alice, in: roomID)
            try await server.index()
            try await server.say("second tea", as: alice, in: roomID)
            try await server.afterRestart { next throws in
                #expect(try await next.search("tea", as: alice).bodies == ["second tea", "first tea"])
                try await next.index()
                #expect(try await next.search("tea", as: alice).bodies == ["second tea", "first tea"])
                #expect(try await segments(next).map(\.count).reduce(0, +) == 2)
            }
        }
    }

    @Test func anotherFormatIsIndexedAnew() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            for number in 0..<5 { try await server.say("tea \(number)", as: alice, in: roomID) }
            try await server.index()
            try await server.writes.submit { context in
                let position = try context.store.searchProgress().position
                try context.store.setSearchProgress(SearchProgress(formatVersion: 99, position: position))
            }
            try await server.afterRestart { next throws in
                // What the other format has left is not asked.
                #expect(try await next.search("tea", as: alice).results.count == 5)
                try await next.index()
                #expect(try await segments(next).map(\.count) == [5])
                let progress = try await next.database.read { try $0.searchProgress() }
                #expect(progress.formatVersion == SearchTerm.formatVersion)
                #expect(progress.position == next.rooms.position)
                #expect(try await next.search("tea", as: alice).results.count == 5)
            }
        }
    }

    /// Whatever is said, redacted and indexed in whatever order: a search finds what a look at every message finds.
    @Test func searchesFindWhatALookAtEverythingFinds() async throws {
        var generator = SeededGenerator.fresh()
        let seed = generator.seed
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let rooms = [try await server.room(of: users), try await server.room(of: users)]
            let words = ["한국", "학교", "안녕하세요", "tea", "Teapot", "niño", "日本語", "ㅋㅋ", "점심", "2026"]
            var said: [(eventID: EventID, text: String)] = []
            for number in 0..<150 {
                if generator.chance(15), let index = said.indices.randomElement(using: &generator) {
                    let target = said.remove(at: index)
                    for room in rooms {
                        _ = try? await server.rooms.redact(
                            target.eventID, in: room, reason: nil, transactionID: "\(number)", sender: users[0].sender)
                    }
                } else {
                    let text = (0..<3).compactMap { _ in words.randomElement(using: &generator) }
                        .joined(separator: generator.chance(50) ? " " : "")
                    let room = rooms[Int.random(in: 0...1, using: &generator)]
                    let eventID = try await server.say(text, as: users[0], in: room, transaction: "t\(number)")
                    said.append((eventID, text))
                }
                if generator.chance(10) { try await server.index() }
                guard number % 10 == 0 else { continue }
                for term in ["한국", "ㅎㄱ", "한구", "안녕", "te", "tea ", "nino", "本", "ㅋ", "점심 20"] {
                    let query = try #require(SearchQuery(term))
                    let expected = said.filter { query.match($0.text) != nil }.map(\.eventID.string)
                    let found = try await server.search(term, as: users[1], limit: 100)
                    #expect(Set(found.eventIDs) == Set(expected.suffix(100)), "\(term), seed \(seed)")
                }
            }
        }
    }
}
