import CanonicalJSON
import Primitives
import UnpaddedBase64

/// One session as it lies in a backup: `KeyBackupData`.
///
/// https://spec.matrix.org/v1.19/client-server-api/#server-side-key-backups
public struct BackedUpSession: Sendable {
    public let roomID: String
    public let sessionID: String
    /// The object that is uploaded.
    public let json: JSONObject

    /// Encrypts a session for the backup.
    ///
    /// - Parameters:
    ///   - session: an `ExportedSessionData`.
    ///   - isVerified: whether the session came from a verified device itself.
    /// - Throws: ``KeyBackupError/malformed`` when something is missing in it.
    public init(
        _ session: JSONObject, isVerified: Bool, for key: BackupEncryptionKey, random: RandomSource
    ) throws(KeyBackupError) {
        guard let roomID = session["room_id"]?.stringValue, let sessionID = session["session_id"]?.stringValue,
            let firstMessageIndex = Self.firstMessageIndex(of: session)
        else { throw .malformed }
        var content = session
        content["room_id"] = nil
        content["session_id"] = nil
        let forwards = session["forwarding_curve25519_key_chain"]?.arrayValue?.count ?? 0
        self.roomID = roomID
        self.sessionID = sessionID
        json = [
            "first_message_index": .integer(Int64(firstMessageIndex)), "forwarded_count": .integer(Int64(forwards)),
            "is_verified": .bool(isVerified),
            "session_data": .object(try key.encrypt(content.bytes(), random: random)),
        ]
    }

    /// The index that a session key in the export format begins at: a version byte, then four bytes.
    ///
    /// https://spec.matrix.org/v1.19/olm-megolm/megolm/#session-export-format
    static func firstMessageIndex(of session: JSONObject) -> UInt32? {
        guard let key = session["session_key"]?.stringValue.flatMap({ UnpaddedBase64.decode($0) }), key.count == 165,
            key[0] == 1
        else { return nil }
        return key[1..<5].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Decrypts what the server gave for a session.
    ///
    /// - Parameter data: a `KeyBackupData`.
    /// - Returns: an `ExportedSessionData` for this room and session, whatever the plaintext says they are. What is in
    ///   it is otherwise as trustworthy as whoever knows the public key: nobody signs it.
    public static func decrypt(
        _ data: JSONObject, roomID: String, sessionID: String, with key: BackupDecryptionKey
    ) throws(KeyBackupError) -> JSONObject {
        guard let sealed = data["session_data"]?.objectValue else { throw .malformed }
        let plaintext = try key.decrypt(sealed)
        let parsed: JSONValue
        do throws(JSONError) { parsed = try JSONParser.parse(plaintext) } catch { throw .malformed }
        guard var session = parsed.objectValue else { throw .malformed }
        session["room_id"] = .string(roomID)
        session["session_id"] = .string(sessionID)
        return session
    }

    /// The sessions in an answer of `GET /room_keys/keys`; those that cannot be read are counted.
    ///
    /// - Parameter answer: with `rooms`, or `sessions` when `roomID` says which room was asked for.
    public static func decryptAll(
        _ answer: JSONObject, roomID: String? = nil, with key: BackupDecryptionKey
    ) -> (sessions: [JSONObject], unreadable: Int) {
        var result: (sessions: [JSONObject], unreadable: Int) = ([], 0)
        func take(_ sessions: JSONObject, in roomID: String) {
            for member in sessions.members {
                guard let data = member.value.objectValue else {
                    result.unreadable += 1
                    continue
                }
                do throws(KeyBackupError) {
                    result.sessions.append(try decrypt(data, roomID: roomID, sessionID: member.key, with: key))
                } catch {
                    result.unreadable += 1
                }
            }
        }
        if let roomID {
            if let sessions = answer["sessions"]?.objectValue { take(sessions, in: roomID) }
        } else {
            for room in answer["rooms"]?.objectValue?.members ?? [] {
                if let sessions = room.value.objectValue?["sessions"]?.objectValue { take(sessions, in: room.key) }
            }
        }
        return result
    }

    /// The body of `PUT /room_keys/keys` for several sessions.
    public static func uploadBody(_ sessions: [BackedUpSession]) -> JSONObject {
        var rooms = JSONObject()
        for session in sessions {
            var ofRoom = rooms[session.roomID]?.objectValue?["sessions"]?.objectValue ?? JSONObject()
            ofRoom[session.sessionID] = .object(session.json)
            rooms[session.roomID] = ["sessions": .object(ofRoom)]
        }
        return ["rooms": .object(rooms)]
    }
}
