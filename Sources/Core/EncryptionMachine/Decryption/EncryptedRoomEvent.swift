import CanonicalJSON
import Megolm

/// A room event as it came, with what is needed to decrypt it.
struct EncryptedRoomEvent {
    let eventID: String
    let sender: String
    let timestamp: Int64
    let sessionID: String
    let message: MegolmMessage
    let relation: JSONValue?

    private static let maximumCiphertextBytes = 131_072

    init(_ event: JSONObject) throws(DecryptionError) {
        guard let eventID = event.string("event_id"), isIdentifier(eventID), let sender = event.string("sender"),
            isIdentifier(sender), let timestamp = event["origin_server_ts"]?.integerValue,
            let content = event.object("content"), let algorithm = content.string("algorithm")
        else { throw .malformed }
        guard utf8Equal(algorithm, Algorithm.megolm) else { throw .unsupportedAlgorithm }
        guard let sessionID = content.string("session_id"), isIdentifier(sessionID),
            let ciphertext = content.string("ciphertext"), ciphertext.utf8.count <= Self.maximumCiphertextBytes
        else { throw .malformed }
        do { message = try MegolmMessage(base64: ciphertext) } catch { throw .malformed }
        self.eventID = eventID
        self.sender = sender
        self.timestamp = timestamp
        self.sessionID = sessionID
        relation = content["m.relates_to"]
    }
}

/// Which event was decrypted at a place of a session.
struct MessageIndexRecord: StoredRecord {
    static var table: RecordTable { .messageIndexes }

    let eventID: String
    let timestamp: Int64

    /// By sender too: whoever passes another's session off as his own cannot make the other's events look replayed.
    static func key(_ room: String, _ sessionID: String, sender: String, _ index: UInt32) -> [UInt8] {
        recordKey(room, sessionID, sender) + recordKey(UInt64(index))
    }

    init(eventID: String, timestamp: Int64) {
        self.eventID = eventID
        self.timestamp = timestamp
    }

    init(from reader: inout RecordReader) throws(MachineError) {
        eventID = try reader.string()
        timestamp = try reader.int64()
    }

    func write(to writer: inout RecordWriter) {
        writer.write(eventID)
        writer.write(timestamp)
    }
}
