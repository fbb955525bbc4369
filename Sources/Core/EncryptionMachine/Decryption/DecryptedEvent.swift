import CanonicalJSON

/// What was inside an `m.room.encrypted` event, and how far it can be believed.
public struct DecryptedEvent: Sendable, Equatable {
    public let type: String
    /// The content; `m.relates_to` is that of the event's cleartext, as the server sees it.
    public let content: JSONObject
    public let sessionID: String
    public let messageIndex: UInt32
    /// The device that made the session, when it is known.
    public let senderDevice: String?
    /// The Curve25519 key of the device that made the session.
    public let senderKey: String
    public let senderTrust: DeviceTrust
    public let origin: SessionOrigin

    /// What the user should be told beside the message; nil when all is well.
    public var warning: SenderWarning? {
        switch senderTrust {
        case .unknown: return .unknownDevice
        case .blacklisted, .unsigned: return .unsignedDevice
        case .identityChanged: return .identityChanged
        case .crossSigned, .verified: break
        }
        return origin.isAuthentic ? nil : .authenticityNotGuaranteed
    }
}

/// How a session to decrypt with came to this device.
public enum SessionOrigin: Sendable, Equatable {
    /// From the device that made it, through Olm.
    case direct
    /// Asked for and forwarded by a verified device of the own user.
    case forwarded(byDevice: String)
    /// From the key backup, whose key cannot prove who made the session.
    case backup
    /// From a file that the user has imported.
    case imported
    /// From a bundle of room history that this user has shared: only this user's word stands for it.
    case bundle(from: String)

    /// Whether it is certain that the session was made by the device named.
    public var isAuthentic: Bool { self == .direct }
}

/// What is wrong with a message's sender.
public enum SenderWarning: Sendable, Equatable {
    /// The device is deleted, or was never seen.
    case unknownDevice
    /// The sender has not signed the device: somebody else may have added it. The specification says not to show such
    /// messages.
    case unsignedDevice
    /// The sender's identity has changed, and nobody has looked at the change.
    case identityChanged
    /// The session came from elsewhere than its sender.
    case authenticityNotGuaranteed
}

/// Why an event stays unreadable, or must not be shown.
public enum DecryptionError: Error, Equatable, Sendable {
    /// It is not an event encrypted as the specification says.
    case malformed
    case unsupportedAlgorithm
    /// The session is not known (yet). The code tells whether somebody said that it is not shared.
    case unknownSession(sessionID: String, withheld: WithheldCode?)
    /// The session is known only from a later message on.
    case beforeFirstKnownIndex(sessionID: String, withheld: WithheldCode?)
    /// The ciphertext was changed, or is not of this session.
    case badCiphertext
    /// The session belongs to another user than the event's sender.
    case senderMismatch
    /// The message was encrypted for another room.
    case wrongRoom
    /// The same ciphertext was already seen in another event.
    case replay
    /// What was decrypted is not an event.
    case badPayload
    /// The device's records are damaged.
    case damagedRecord
}
