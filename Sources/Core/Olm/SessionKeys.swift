import Primitives
import UnpaddedBase64

/// The public keys that a session is made of. Both sides know them, and they name the session.
public struct SessionKeys: Equatable, Sendable {
    /// I(A): the identity key of the side that made the session.
    public let identityKey: Curve25519Key
    /// E(A): that side's single-use key.
    public let baseKey: Curve25519Key
    /// E(B): the other side's one-time or fallback key.
    public let oneTimeKey: Curve25519Key

    public init(identityKey: Curve25519Key, baseKey: Curve25519Key, oneTimeKey: Curve25519Key) {
        self.identityKey = identityKey
        self.baseKey = baseKey
        self.oneTimeKey = oneTimeKey
    }

    /// The name that libolm and vodozemac give the session too: the hash of the three keys, in unpadded Base64.
    public var sessionID: String {
        UnpaddedBase64.encode(SHA256.hash(identityKey.bytes + baseKey.bytes + oneTimeKey.bytes))
    }
}
