/// Whether a message to a room can be encrypted now.
public enum Readiness: Sendable, Equatable {
    /// ``EncryptionMachine/encrypt(_:type:in:)`` will work, as long as the host does nothing else with the machine
    /// that concerns the room.
    case ready
    /// These requests must be answered first; then ask again.
    case waiting(for: [OutgoingRequest.ID])
    case blocked(SendBlock)
}

/// Why nothing can be sent to a room until somebody decides.
public enum SendBlock: Sendable, Equatable {
    /// The identities of these users are not what they were. ``EncryptionMachine/acceptIdentity(of:)``, or verify them
    /// again.
    case identitiesChanged(users: [String])
    /// The room wants an algorithm that the machine does not know.
    case unsupportedAlgorithm
}
