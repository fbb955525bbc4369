/// Why the machine could not do what it was asked. Nothing has changed then.
public struct MachineError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: Sendable {
        /// A stored record cannot be read: the store is damaged, or of a later version.
        case damagedRecord
        /// The records belong to another user or device.
        case otherAccount
        /// ``EncryptionMachine/prepareToSend(in:members:)`` has not said that the room is ready.
        case notReady
        /// The room is not encrypted.
        case roomNotEncrypted
        /// The room wants an algorithm that the machine does not know.
        case unsupportedAlgorithm
        /// The user, device, session or request is not known.
        case unknown
        /// An answer or argument does not have the form that the specification gives it.
        case malformed
        /// A bound has been reached.
        case tooMuch
        /// Trust forbids it: a changed identity, a device that is not verified.
        case untrusted
    }

    public let code: Code
    /// What was wrong, never what was secret.
    public let reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    public var description: String { reason }
}
