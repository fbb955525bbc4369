import CanonicalJSON
import Megolm

extension EncryptionMachine {
    /// Decrypts a room event of type `m.room.encrypted`.
    ///
    /// The same event can be decrypted again and again; another event with the same ciphertext is refused as a replay.
    /// When the session is missing, the own user's other verified devices are asked for it, and
    /// ``MachineNews/sessionsReadable(room:sessionIDs:)`` comes if one answers.
    ///
    /// - Parameter event: the whole event, with `sender`, `event_id`, `origin_server_ts` and `content`.
    public func decrypt(_ event: JSONObject, in room: String) throws(DecryptionError) -> DecryptedEvent {
        let message = try EncryptedRoomEvent(event)
        guard isIdentifier(room) else { throw .malformed }
        let candidates = candidates(for: message, in: room)
        guard !candidates.isEmpty else {
            let isKnown = !store.all(
                in: .inboundSessions, prefix: InboundSessionRecord.prefix(room, message.sessionID)
            ).isEmpty
            // The session is there, and somebody else's.
            if isKnown { throw .senderMismatch }
            requestSession(message.sessionID, in: room)
            throw .unknownSession(sessionID: message.sessionID, withheld: withheldCode(message.sessionID, in: room))
        }
        var failure = DecryptionError.badCiphertext
        for candidate in candidates {
            let decrypted: InboundGroupSession.Decrypted
            do {
                decrypted = try open(message.message, with: candidate)
            } catch {
                if case .unknownMessageIndex = error {
                    failure = .beforeFirstKnownIndex(
                        sessionID: message.sessionID, withheld: withheldCode(message.sessionID, in: room))
                }
                continue
            }
            return try check(decrypted, message, candidate.record, in: room)
        }
        if case .beforeFirstKnownIndex = failure { requestSession(message.sessionID, in: room) }
        throw failure
    }
}
