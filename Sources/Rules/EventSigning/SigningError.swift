/// Why a signature was not made or does not hold.
public struct SigningError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: Sendable {
        /// The key's bytes or its identifier are not what Ed25519 keys look like.
        case malformedKey
        /// The object has no signature of that server with that key.
        case missingSignature
        /// The signature is not the base64 of 64 bytes.
        case malformedSignature
        /// The signature was made by another key or over something else.
        case invalidSignature
        /// The signature holds and the event's `hashes` do not: treat the event as redacted.
        case contentHashMismatch
        /// The object has no canonical form.
        case notCanonical
    }

    public let code: Code
    public let reason: String

    init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    public var description: String { reason }
}
