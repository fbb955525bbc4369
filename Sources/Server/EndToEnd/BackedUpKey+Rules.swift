import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

extension BackedUpKey {
    private static let maximumDataBytes = 65_536

    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3room_keyskeysroomidsessionid
    public init(json: JSONObject, roomID: RoomID, sessionID: String) throws(MatrixError) {
        guard (1...255).contains(sessionID.utf8.count), !sessionID.utf8.contains(0) else {
            throw .invalidParameter("a session ID has 1 to 255 bytes, and no NUL")
        }
        let (index, forwarded) = (try json.integer("first_message_index"), try json.integer("forwarded_count"))
        guard index >= 0, forwarded >= 0 else {
            throw .invalidParameter("'first_message_index' and 'forwarded_count' must not be negative")
        }
        let data = try json.object("session_data").bytes()
        guard data.count <= Self.maximumDataBytes else {
            throw .tooLarge("'session_data' has at most \(Self.maximumDataBytes) bytes")
        }
        self.init(
            roomID: roomID, sessionID: sessionID, firstMessageIndex: index, forwardedCount: forwarded,
            isVerified: try json.bool("is_verified"), sessionData: data)
    }

    /// Whether this key takes the place of one of the same session: it is verified and the other is not; or it can
    /// decrypt from an earlier message on; or it came through fewer hands.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#server-side-key-backups
    func replaces(_ other: BackedUpKey) -> Bool {
        if isVerified != other.isVerified { return isVerified }
        if firstMessageIndex != other.firstMessageIndex { return firstMessageIndex < other.firstMessageIndex }
        return forwardedCount < other.forwardedCount
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("first_message_index", .integer(firstMessageIndex))
            writer.member("forwarded_count", .integer(forwardedCount))
            writer.member("is_verified", .bool(isVerified))
            writer.key("session_data")
            writer.raw { $0 += sessionData }
        }
    }
}
