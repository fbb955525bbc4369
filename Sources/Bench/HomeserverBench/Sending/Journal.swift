import CanonicalJSON
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One line of a journal. A journal is JSON lines: first the users who may read each room, then every message that the
/// server has acknowledged.
package enum JournalEntry: Sendable, Equatable {
    /// A room of the run, and a user in it; who checks the journal reads the room as that user.
    case room(roomID: String, userID: String, accessToken: String)
    /// A message that was acknowledged. `text` begins its `body` and is in no other message.
    case acknowledged(roomID: String, transactionID: String, eventID: String, text: String)

    /// The line with its line feed.
    package var line: [UInt8] {
        let object: JSONObject =
            switch self {
            case .room(let roomID, let userID, let accessToken):
                [
                    "type": "room", "room_id": .string(roomID), "user_id": .string(userID),
                    "access_token": .string(accessToken),
                ]
            case .acknowledged(let roomID, let transactionID, let eventID, let text):
                [
                    "type": "acknowledged", "room_id": .string(roomID), "txn_id": .string(transactionID),
                    "event_id": .string(eventID), "text": .string(text),
                ]
            }
        return object.bytes() + [UInt8(ascii: "\n")]
    }

    package init(line: [UInt8]) throws(BenchError) {
        let malformed = BenchError(.system, "the journal has a line that is not one of its entries")
        let object: JSONObject?
        do throws(JSONError) { object = try JSONParser.parse(line).objectValue } catch { throw malformed }
        func text(_ key: String) throws(BenchError) -> String {
            guard let value = object?[key]?.stringValue else { throw malformed }
            return value
        }
        switch try text("type") {
        case "room":
            self = .room(
                roomID: try text("room_id"), userID: try text("user_id"), accessToken: try text("access_token"))
        case "acknowledged":
            self = .acknowledged(
                roomID: try text("room_id"), transactionID: try text("txn_id"), eventID: try text("event_id"),
                text: try text("text"))
        default: throw malformed
        }
    }
}

/// A journal open for writing.
///
/// Every entry is one `write` to a file opened for appending, which POSIX does not interleave with others, so event
/// loops share it without a lock. What is written survives this process and the server; it need not survive a power
/// failure, as the benchmark's own machine is not what is tested.
package final class Journal: Sendable {
    private let descriptor: Int32
    private let failure = Atomic<Int32>(0)

    /// Creates the file, or empties it; only its owner may read it, as it holds access tokens.
    package init(path: String) throws(BenchError) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw BenchError(.system, "cannot write \(path): \(systemMessage(errno))") }
    }

    deinit { _ = close(descriptor) }

    package func append(_ entry: JournalEntry) {
        let line = entry.line
        let written = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if written != line.count { failure.store(written < 0 ? errno : ENOSPC, ordering: .relaxed) }
    }

    /// Throws when any entry could not be written.
    package func check() throws(BenchError) {
        let error = failure.load(ordering: .relaxed)
        guard error == 0 else { throw BenchError(.system, "the journal is incomplete: \(systemMessage(error))") }
    }
}
