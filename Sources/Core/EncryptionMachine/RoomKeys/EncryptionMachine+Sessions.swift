import CanonicalJSON

extension EncryptionMachine {
    /// Asks the own user's other verified devices for a session. ``decrypt(_:in:)`` does so itself.
    ///
    /// - Returns: false when there is nobody to ask, or it has been asked for already, or too many are.
    @discardableResult
    public func requestSession(_ sessionID: String, in room: String) -> Bool { preconditionFailure("not written yet") }

    /// Calls `body` with each session, of one room or of all, as `ExportedSessionData`.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#key-export-format
    public func exportSessions(in room: String? = nil, _ body: (JSONObject) -> Void) {
        preconditionFailure("not written yet")
    }

    /// Takes in sessions of a key export or of the backup, as `ExportedSessionData`. Those that are malformed are left
    /// out; those that are known stay unless the new one begins earlier.
    ///
    /// - Returns: ``MachineNews/sessionsReadable(room:sessionIDs:)`` for each room.
    public func importSessions(_ sessions: [JSONObject], origin: SessionOrigin) -> [MachineNews] {
        preconditionFailure("not written yet")
    }

    /// Whether a session is known, from which message on, and whether newcomers may be given it.
    public func knownSession(_ sessionID: String, in room: String) -> KnownSession? {
        preconditionFailure("not written yet")
    }
}

/// What is known of a session to decrypt with.
public struct KnownSession: Sendable, Equatable {
    public let firstKnownIndex: UInt32
    public let origin: SessionOrigin
    /// Whether its maker lets newcomers have it.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#shareable-encryption-sessions
    public let sharesHistory: Bool
}
