import CanonicalJSON

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Checks that a server holds everything it has acknowledged, after it was stopped and started again.
package enum VerifyScenario {
    package static func run(journalPath: String, target: BenchTarget, environment: BenchEnvironment) async throws
        -> VerifyReport
    {
        let journal = try readJournal(journalPath)
        return try await Stage.with(target, environment) { stage in
            let rooms = journal.compactMap { entry -> (roomID: String, session: MatrixSession)? in
                guard case .room(let roomID, let userID, let accessToken) = entry else { return nil }
                return (roomID, MatrixSession(userID: userID, accessToken: accessToken))
            }
            let found = try await stage.inParallel(rooms.count, showing: "reading rooms") { caller, number in
                try await caller.benchMessages(in: rooms[number].roomID, as: rooms[number].session)
            }
            let check = JournalCheck(journal: journal, found: found.flatMap(\.self))
            return VerifyReport(target: target, roomCount: rooms.count, check: check)
        }
    }

    /// The journal's entries. A last line without its line feed was being written when the writer was stopped, and is
    /// left out.
    package static func entries(of bytes: [UInt8]) throws(BenchError) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            entries.append(try JournalEntry(line: Array(rest[..<end])))
            rest = rest[(end + 1)...]
        }
        return entries
    }

    private static func readJournal(_ path: String) throws(BenchError) -> [JournalEntry] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BenchError(.system, "cannot read \(path): \(systemMessage(errno))") }
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw BenchError(.system, "cannot read \(path): \(systemMessage(errno))") }
            if count == 0 { return try entries(of: bytes) }
            bytes += buffer[..<count]
        }
    }
}

extension MatrixCaller {
    /// All messages of benchmarks in the room's history.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidmessages
    fileprivate func benchMessages(in roomID: String, as session: MatrixSession) async throws -> [JournalCheck.Found] {
        var found: [JournalCheck.Found] = []
        var from: String?
        repeat {
            var path = "/_matrix/client/v3/rooms/\(percentEncoded(roomID))/messages?dir=b&limit=1000"
            if let from { path += "&from=\(percentEncoded(from))" }
            let answer = try await call(.get, path, accessToken: session.accessToken)
            let chunk = answer["chunk"]?.arrayValue ?? []
            for event in chunk {
                guard let object = event.objectValue, let eventID = object["event_id"]?.stringValue,
                    let body = object["content"]?.objectValue?["body"]?.stringValue,
                    let mark = MessageMark(text: body)
                else { continue }
                found.append(JournalCheck.Found(roomID: roomID, eventID: eventID, text: mark.text))
            }
            let end = chunk.isEmpty ? nil : answer["end"]?.stringValue
            guard end != from else { return found }
            from = end
        } while from != nil
        return found
    }
}
