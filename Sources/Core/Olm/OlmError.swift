/// Why an Olm message, key or pickle was refused. Nothing has changed then.
public enum OlmError: Error, Equatable, Sendable {
    /// Not the bytes of a message, or of a version that is not known.
    case malformedMessage
    /// A message type other than 0 and 1.
    case unknownMessageType
    /// A pre-key message that names another identity key than its sender's.
    case wrongIdentityKey
    /// A pre-key message for a one-time key that was never made here, is used up or was dropped.
    case unknownOneTimeKey
    /// A pre-key message that belongs to another session.
    case wrongSession
    /// The authentication code is wrong: the message was damaged, forged or meant for another session.
    case authenticationFailed
    /// A message that was decrypted before, or that came so late that its key was dropped.
    case missingMessageKey
    /// A message that is more than ``Session/maximumGap`` ahead of those known.
    case tooFarAhead
    /// A ratchet key that the other side cannot have made: it has not heard of ours yet.
    case unexpectedRatchetKey
    /// A key with which everybody would agree on the same secret.
    case keyWithoutContribution
    /// Not the bytes of a pickle, or of a version to come.
    case malformedPickle
}
