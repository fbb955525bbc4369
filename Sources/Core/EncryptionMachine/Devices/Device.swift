import CanonicalJSON

/// Somebody's device with encryption keys, as it was first seen: its keys never change afterwards.
public struct Device: Sendable, Equatable {
    public let userID: String
    public let deviceID: String
    /// The identity key of Olm, unpadded base64.
    public let curve25519Key: String
    /// The signing key ("fingerprint"), unpadded base64.
    public let ed25519Key: String
    /// `unsigned.device_display_name`: what the server says, so never a proof of anything.
    public let displayName: String?
    public let localTrust: LocalTrust
    public let trust: DeviceTrust
}

/// What the person has decided about one device on this device, apart from cross-signing.
public enum LocalTrust: UInt8, Sendable {
    case unset = 0
    /// Verified by hand; prefer cross-signing.
    case verified = 1
    /// Gets no room keys.
    case blacklisted = 2
}

/// How much is known about whose a device is, from the least to the most.
public enum DeviceTrust: UInt8, Sendable, Comparable {
    /// Nobody knows the device: it is deleted, or the server hides it.
    case unknown = 0
    /// The person has shut it out.
    case blacklisted = 1
    /// Its owner's identity has not signed it. Whoever runs the server could have added it.
    case unsigned = 2
    /// Signed by an identity that has changed, and nobody has looked at the change.
    case identityChanged = 3
    /// Signed by its owner's identity, which was the same since it was first seen.
    case crossSigned = 4
    /// Signed by an identity that was verified, or verified by hand, or this device itself.
    case verified = 5

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What is known of a user's cross-signing identity.
public struct UserIdentity: Sendable, Equatable {
    public enum State: UInt8, Sendable {
        /// The same since it was first seen, never verified.
        case unverified = 0
        /// Verified, and the same since then.
        case verified = 1
        /// Another than the one first seen; nobody has looked at the change. Blocks sending.
        case changed = 2
        /// Was verified and has changed. Blocks sending until it is verified again or the verification is withdrawn.
        case changedAfterVerification = 3
    }

    public let userID: String
    /// The master key, unpadded base64.
    public let masterKey: String
    /// The self-signing key, unpadded base64; nil when the master key has signed none.
    public let selfSigningKey: String?
    public let state: State
}
