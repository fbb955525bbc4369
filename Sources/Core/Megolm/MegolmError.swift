/// Why a Megolm message, session key or pickle was refused. Nothing has changed then.
public enum MegolmError: Error, Equatable, Sendable {
    /// Not the bytes of a message, or of a version that is not known.
    case malformedMessage
    /// Not the bytes of a session key or an export, or of a version that is not known.
    case malformedSessionKey
    /// Not the bytes of a pickle, or of a version to come, or encrypted with another key.
    case malformedPickle
    /// The signature is not the session's: the message or session key was damaged or forged.
    case invalidSignature
    /// The authentication code is wrong: whoever signed has another ratchet than we.
    case authenticationFailed
    /// A message from before the first index that we have the ratchet of.
    case unknownMessageIndex(firstKnown: UInt32)
    /// The session has encrypted as many messages as it can count.
    case exhausted
}
