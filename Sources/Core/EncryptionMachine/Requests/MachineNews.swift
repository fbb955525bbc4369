import CanonicalJSON

/// What the host should know or show after a call.
public enum MachineNews: Sendable, Equatable {
    /// Events of these sessions may be readable now, or readable from an earlier one on: decrypt them again.
    case sessionsReadable(room: String, sessionIDs: [String])
    /// Somebody has said that he does not share a session.
    case sessionWithheld(room: String, sessionID: String, WithheldCode)
    /// The devices of a user have changed. `added` are new since the user was tracked.
    case devicesChanged(user: String, added: [String], removed: [String])
    /// A user's identity is another than the one that was known. Sending to rooms with this user is blocked until
    /// ``EncryptionMachine/acceptIdentity(of:)``. When it is the own user, all trust through it is gone.
    case identityChanged(user: String, wasVerified: Bool)
    /// The server shows a device with other keys than those that were known for it; the new keys are refused.
    case deviceKeysChanged(user: String, device: String)
    /// The server shows other keys for this device than its own: somebody tampers with them.
    case ownDeviceTampered
    /// Room history encrypted for others is offered; see ``EncryptionMachine/keyBundle(in:from:)``.
    case keyBundleOffered(room: String, from: String)
    /// A room is encrypted from now on.
    case roomEncrypted(room: String)
    /// An encrypted to-device event that the machine leaves to others.
    case toDevice(DecryptedToDeviceEvent)
    /// A to-device event that was not encrypted and that the machine leaves to others.
    case plainToDevice(sender: String, type: String, content: JSONObject)
    /// A to-device event from this user's device could not be decrypted; a new Olm session replaces the broken one.
    case undecryptableToDevice(sender: String)
    /// A room's encryption uses an algorithm that the machine does not know, or somebody tried to switch it off.
    /// Messages are encrypted as before, or not sent at all.
    case encryptionDowngraded(room: String)
    /// A verification has begun, gone on or ended: see ``EncryptionMachine/verification(_:with:)``.
    case verificationChanged(user: String, flowID: String)
    /// Private cross-signing keys have come or gone, or the own identity is verified now: see
    /// ``EncryptionMachine/crossSigningStatus``.
    case crossSigningChanged
    /// The key backup is another, or trusted, or its key has come: see ``EncryptionMachine/backupStatus``.
    case backupChanged
    /// Sessions of the backup are there now. `unreadable` ones did not decrypt.
    case backupRestored(sessions: Int, unreadable: Int)
    /// The server has refused a request for good; the machine has given it up.
    case requestRefused(OutgoingRequest.Kind, status: Int, errorCode: String?)
}

/// A to-device event that came encrypted and whose sender has been checked.
public struct DecryptedToDeviceEvent: Sendable, Equatable {
    public let sender: String
    /// The device that sent it, as the sender's own list of devices has it.
    public let senderDevice: String
    public let senderKey: String
    public let senderTrust: DeviceTrust
    public let type: String
    public let content: JSONObject
}

/// Why a room key is not shared.
///
/// https://spec.matrix.org/v1.19/client-server-api/#mroom_keywithheld
public enum WithheldCode: UInt8, Sendable, Equatable {
    case blacklisted = 1
    case unverified = 2
    case unauthorised = 3
    case unavailable = 4
    case noOlm = 5
    case historyNotShared = 6
    /// Any other code.
    case other = 7
}
