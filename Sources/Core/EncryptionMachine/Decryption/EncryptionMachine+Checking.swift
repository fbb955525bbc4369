import CanonicalJSON
import Megolm

extension EncryptionMachine {
    typealias Candidate = (key: [UInt8], record: InboundSessionRecord)

    /// The sessions that the event's sender may have written with: his own, then one that was passed on without proof
    /// of whose it is.
    func candidates(for event: EncryptedRoomEvent, in room: String) -> [Candidate] {
        var found: [Candidate] = []
        for owner in [event.sender, ""] {
            let key = InboundSessionRecord.key(room, event.sessionID, owner: owner)
            if let record = store.find(InboundSessionRecord.self, key) { found.append((key, record)) }
        }
        return found
    }

    /// Nil when the session cannot read the message; ``DecryptionError/beforeFirstKnownIndex(sessionID:withheld:)``
    /// is for the caller to tell.
    func open(_ message: MegolmMessage, with candidate: Candidate) throws(MegolmError) -> InboundGroupSession.Decrypted
    {
        var session: InboundGroupSession
        if let recent = recentSessions.take(candidate.key) {
            session = recent
        } else {
            session = try InboundGroupSession(pickle: candidate.record.pickle)
        }
        let decrypted: InboundGroupSession.Decrypted
        do { decrypted = try session.decrypt(message) } catch {
            recentSessions.put(session, candidate.key)
            throw error
        }
        recentSessions.put(session, candidate.key)
        return decrypted
    }

    /// Whether what was decrypted may be believed.
    func check(
        _ decrypted: InboundGroupSession.Decrypted, _ event: EncryptedRoomEvent, _ record: InboundSessionRecord,
        in room: String
    ) throws(DecryptionError) -> DecryptedEvent {
        guard let payload = JSONObject.parse(decrypted.plaintext), let type = payload.string("type"),
            var content = payload.object("content")
        else { throw .badPayload }
        guard let inner = payload.string("room_id"), utf8Equal(inner, room) else { throw .wrongRoom }
        let device = deviceRecord(curve25519Key: record.senderKey, of: event.sender)
        // The key that the session's maker had must be the one that the device has.
        if let device, !utf8Equal(device.ed25519Key, record.claimedEd25519Key) { throw .senderMismatch }
        try refuseReplay(of: event, index: decrypted.index, in: room)
        content["m.relates_to"] = event.relation
        return DecryptedEvent(
            type: type, content: content, sessionID: event.sessionID, messageIndex: decrypted.index,
            senderDevice: device?.deviceID, senderKey: record.senderKey,
            senderTrust: device.map { trust(of: $0) } ?? .unknown, origin: record.origin)
    }

    /// Remembers which event stands at which place of a session. It is the event's ID and time that tell a replay from
    /// the same event seen again.
    ///
    /// https://spec.matrix.org/v1.19/olm-megolm/megolm/#message-replays
    private func refuseReplay(
        of event: EncryptedRoomEvent, index: UInt32, in room: String
    ) throws(DecryptionError) {
        let key = MessageIndexRecord.key(room, event.sessionID, sender: event.sender, index)
        let known: MessageIndexRecord?
        do { known = try store.read(MessageIndexRecord.self, key) } catch { throw .damagedRecord }
        guard let known else {
            store.write(MessageIndexRecord(eventID: event.eventID, timestamp: event.timestamp), key)
            return
        }
        guard utf8Equal(known.eventID, event.eventID), known.timestamp == event.timestamp else { throw .replay }
    }

    /// Why a session is not here, if somebody has said so.
    func withheldCode(_ sessionID: String, in room: String) -> WithheldCode? {
        store.find(MissingSessionRecord.self, MissingSessionRecord.key(room, sessionID))?.withheld
    }
}
