import CanonicalJSON

extension EncryptionMachine {
    /// Decrypts a room event of type `m.room.encrypted`.
    ///
    /// The same event can be decrypted again and again; another event with the same ciphertext is refused as a replay.
    /// When the session is missing, the own user's other verified devices are asked for it, and
    /// ``MachineNews/sessionsReadable(room:sessionIDs:)`` comes if one answers.
    ///
    /// - Parameter event: the whole event, with `sender`, `event_id`, `origin_server_ts` and `content`.
    public func decrypt(_ event: JSONObject, in room: String) throws(DecryptionError) -> DecryptedEvent {
        preconditionFailure("not written yet")
    }
}
