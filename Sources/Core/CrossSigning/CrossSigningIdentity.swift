import CanonicalJSON
import Primitives

/// A user's cross-signing keys as far as they hold together: the master key has signed the others.
public struct CrossSigningIdentity: Sendable, Equatable {
    public let master: CrossSigningKey
    public let selfSigning: CrossSigningKey
    /// Only a user's own; servers do not show it to others.
    public let userSigning: CrossSigningKey?

    public var userID: String { master.userID }

    /// Puts together what `POST /keys/query` answered for a user.
    ///
    /// - Throws: when a key is malformed, or not signed by the master key: then nothing of it may be used.
    public init(
        userID: String, masterKey: JSONObject, selfSigningKey: JSONObject, userSigningKey: JSONObject? = nil
    ) throws(CrossSigningError) {
        let master = try CrossSigningKey(masterKey, userID: userID, usage: .master)
        let selfSigning = try CrossSigningKey(selfSigningKey, userID: userID, usage: .selfSigning)
        var userSigning: CrossSigningKey?
        if let userSigningKey { userSigning = try CrossSigningKey(userSigningKey, userID: userID, usage: .userSigning) }
        guard selfSigning.isSigned(by: master), userSigning?.isSigned(by: master) ?? true else {
            throw .notSignedByMaster
        }
        self.master = master
        self.selfSigning = selfSigning
        self.userSigning = userSigning
    }

    init(master: CrossSigningKey, selfSigning: CrossSigningKey, userSigning: CrossSigningKey) {
        self.master = master
        self.selfSigning = selfSigning
        self.userSigning = userSigning
    }

    /// Whether the user says that this device is theirs.
    ///
    /// - Parameter deviceKeys: the whole signed object; whoever calls has checked that it is the named user's and bears
    ///   the device's own signature.
    public func hasSigned(deviceKeys: JSONObject) -> Bool {
        guard let owner = deviceKeys["user_id"]?.stringValue, utf8Equal(owner, userID) else { return false }
        return SignedJSON.isSigned(deviceKeys, userID: userID, keyID: selfSigning.keyID, by: selfSigning.key)
    }

    /// Whether this user, who is ourselves, has verified the other: our user-signing key signed their master key.
    public func hasVerified(_ other: CrossSigningIdentity) -> Bool {
        guard let userSigning else { return false }
        return other.master.isSigned(by: userSigning)
    }

    /// Whether one of the keys bears the ID of one of the user's devices. Such a user must not be verified: the two
    /// share one namespace in messages.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#key-and-signature-security
    public func collides(withDeviceIDs deviceIDs: some Sequence<String>) -> Bool {
        var keys = [master.key.base64, selfSigning.key.base64]
        if let userSigning { keys.append(userSigning.key.base64) }
        return deviceIDs.contains { deviceID in keys.contains { utf8Equal($0, deviceID) } }
    }
}
