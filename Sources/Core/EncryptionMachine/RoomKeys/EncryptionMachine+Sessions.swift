import CanonicalJSON
import Megolm
import Primitives

/// What is known of a session to decrypt with.
public struct KnownSession: Sendable, Equatable {
    public let firstKnownIndex: UInt32
    public let origin: SessionOrigin
    /// Whether its maker lets newcomers have it.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#shareable-encryption-sessions
    public let sharesHistory: Bool
}

extension ReceivedSession {
    /// A session that somebody passed on. Nil when anything is malformed, or the key is another session's.
    init?(
        room: String?, sessionID: String, key: String?, senderKey: String, claimedEd25519Key: String,
        origin: SessionOrigin, sharesHistory: Bool, forwardingChain: [JSONValue]?
    ) {
        guard let room, isIdentifier(room), let key, Curve25519Key(base64: senderKey) != nil,
            Ed25519Key(base64: claimedEd25519Key) != nil
        else { return nil }
        let exported: ExportedSessionKey
        do { exported = try ExportedSessionKey(base64: key) } catch { return nil }
        guard utf8Equal(exported.sessionID, sessionID) else { return nil }
        let chain = (forwardingChain ?? []).prefix(64).compactMap(\.stringValue).filter { isIdentifier($0) }
        self.init(
            room: room, session: InboundGroupSession(exported), owner: "", senderKey: senderKey,
            claimedEd25519Key: claimedEd25519Key, origin: origin, sharesHistory: sharesHistory, forwardingChain: chain)
    }

    /// `ExportedSessionData`.
    init?(_ json: JSONObject, origin: SessionOrigin, sharesHistory: Bool? = nil) {
        guard let algorithm = json.string("algorithm"), utf8Equal(algorithm, Algorithm.megolm),
            let sessionID = json.string("session_id"), let senderKey = json.string("sender_key"),
            let claimed = json.object("sender_claimed_keys")?.string("ed25519")
        else { return nil }
        self.init(
            room: json.string("room_id"), sessionID: sessionID, key: json.string("session_key"), senderKey: senderKey,
            claimedEd25519Key: claimed, origin: origin,
            sharesHistory: sharesHistory ?? json["shared_history"]?.boolValue ?? false,
            forwardingChain: json["forwarding_curve25519_key_chain"]?.arrayValue)
    }
}

extension EncryptionMachine {
    /// Calls `body` with each session, of one room or of all, as `ExportedSessionData`.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#key-export-format
    public func exportSessions(in room: String? = nil, _ body: (JSONObject) -> Void) {
        for (key, record) in store.findAll(
            InboundSessionRecord.self, prefix: room.map { InboundSessionRecord.prefix($0) } ?? [])
        {
            let parts = recordKeyParts(key)
            guard parts.count >= 2, let session = exported(record, sessionID: parts[1], in: parts[0]) else { continue }
            body(session)
        }
    }

    /// The best copy of one session as `ExportedSessionData`; nil when it is not known.
    func exportedSession(_ sessionID: String, in room: String) -> JSONObject? {
        let found = store.findAll(
            InboundSessionRecord.self, prefix: InboundSessionRecord.prefix(room, sessionID)
        ).map(\.record)
        return found.min { $0.firstKnownIndex < $1.firstKnownIndex }
            .flatMap { exported($0, sessionID: sessionID, in: room) }
    }

    func exported(_ record: InboundSessionRecord, sessionID: String, in room: String) -> JSONObject? {
        let session: InboundGroupSession
        do { session = try InboundGroupSession(pickle: record.pickle) } catch { return nil }
        return [
            "algorithm": .string(Algorithm.megolm), "room_id": .string(room), "session_id": .string(sessionID),
            "sender_key": .string(record.senderKey),
            "sender_claimed_keys": ["ed25519": .string(record.claimedEd25519Key)],
            "session_key": .string(session.export().base64), "shared_history": .bool(record.sharesHistory),
            "forwarding_curve25519_key_chain": .array(record.forwardingChain.map { .string($0) }),
        ]
    }

    /// Takes in sessions of a key export or of the backup, as `ExportedSessionData`. Those that are malformed are left
    /// out; those that are known stay unless the new one begins earlier.
    ///
    /// - Returns: ``MachineNews/sessionsReadable(room:sessionIDs:)`` for each room.
    public func importSessions(_ sessions: [JSONObject], origin: SessionOrigin) -> [MachineNews] {
        // Nothing that is imported proves who made it.
        let origin = origin.isAuthentic ? .imported : origin
        return take(sessions.compactMap { ReceivedSession($0, origin: origin) })
    }

    /// Whether a session is known, from which message on, and whether newcomers may be given it.
    public func knownSession(_ sessionID: String, in room: String) -> KnownSession? {
        let found = store.findAll(
            InboundSessionRecord.self, prefix: InboundSessionRecord.prefix(room, sessionID)
        ).map(\.record)
        guard let best = found.min(by: { $0.firstKnownIndex < $1.firstKnownIndex }) else { return nil }
        return KnownSession(
            firstKnownIndex: best.firstKnownIndex, origin: best.origin, sharesHistory: best.sharesHistory)
    }

    /// Keeps sessions and tells which rooms can be read better.
    func take(_ sessions: [ReceivedSession]) -> [MachineNews] {
        var rooms: [(room: String, sessionIDs: [String])] = []
        var positions: [[UInt8]: Int] = [:]
        for received in sessions where keep(received) {
            let sessionID = received.session.sessionID
            let first = knownSession(sessionID, in: received.room)?.firstKnownIndex ?? 0
            noteArrival(sessionID, in: received.room, firstKnownIndex: first)
            if let position = positions[received.room.bytes] {
                rooms[position].sessionIDs.append(sessionID)
            } else {
                positions[received.room.bytes] = rooms.count
                rooms.append((received.room, [sessionID]))
            }
        }
        return rooms.map { .sessionsReadable(room: $0.room, sessionIDs: $0.sessionIDs) }
    }
}
