import CanonicalJSON
import Primitives
import UnpaddedBase64

/// The private cross-signing keys that a device has; it may have some and not others.
///
/// https://spec.matrix.org/v1.19/client-server-api/#cross-signing
public struct CrossSigningSecrets: Sendable {
    public private(set) var master: Ed25519KeyPair?
    public private(set) var selfSigning: Ed25519KeyPair?
    public private(set) var userSigning: Ed25519KeyPair?

    /// None yet.
    public init() {}

    /// Three new keys.
    public init(random: RandomSource) {
        master = Ed25519KeyPair(random: random)
        selfSigning = Ed25519KeyPair(random: random)
        userSigning = Ed25519KeyPair(random: random)
    }

    public var isComplete: Bool { master != nil && selfSigning != nil && userSigning != nil }
    public var isEmpty: Bool { master == nil && selfSigning == nil && userSigning == nil }

    /// The names that the secrets have in secret storage and between devices, with their values.
    public static let names: [(usage: CrossSigningKey.Usage, name: String)] = [
        (.master, "m.cross_signing.master"), (.selfSigning, "m.cross_signing.self_signing"),
        (.userSigning, "m.cross_signing.user_signing"),
    ]

    public func pair(for usage: CrossSigningKey.Usage) -> Ed25519KeyPair? {
        switch usage {
        case .master: master
        case .selfSigning: selfSigning
        case .userSigning: userSigning
        }
    }

    /// The secret as it is stored and shared: base64 of its 32 bytes.
    public func secret(for usage: CrossSigningKey.Usage) -> String? {
        pair(for: usage).map { UnpaddedBase64.encode($0.seed) }
    }

    /// Takes a secret that came from storage or from another device, if it is the private half of the identity's key.
    ///
    /// - Throws: ``CrossSigningError/secretDoesNotMatch``, with nothing changed.
    public mutating func take(
        _ secret: String, for usage: CrossSigningKey.Usage, of identity: CrossSigningIdentity
    ) throws(CrossSigningError) {
        let expected: Ed25519Key? =
            switch usage {
            case .master: identity.master.key
            case .selfSigning: identity.selfSigning.key
            case .userSigning: identity.userSigning?.key
            }
        guard let seed = UnpaddedBase64.decode(secret), let pair = Ed25519KeyPair(seed: seed),
            let expected, constantTimeEqual(pair.publicKey.bytes, expected.bytes)
        else { throw .secretDoesNotMatch }
        set(pair, for: usage)
    }

    /// Puts back what ``secret(for:)`` gave and this device has kept. Nothing happens unless they are 32 bytes.
    public mutating func restore(seed: [UInt8], for usage: CrossSigningKey.Usage) {
        guard let pair = Ed25519KeyPair(seed: seed) else { return }
        set(pair, for: usage)
    }

    private mutating func set(_ pair: Ed25519KeyPair, for usage: CrossSigningKey.Usage) {
        switch usage {
        case .master: master = pair
        case .selfSigning: selfSigning = pair
        case .userSigning: userSigning = pair
        }
    }

    /// Forgets the keys that are not those of `identity`, such as after another device made new ones.
    public mutating func keepOnly(those identity: CrossSigningIdentity) {
        if master?.publicKey != identity.master.key { master = nil }
        if selfSigning?.publicKey != identity.selfSigning.key { selfSigning = nil }
        if userSigning?.publicKey != identity.userSigning?.key { userSigning = nil }
    }
}

// MARK: Signing

extension CrossSigningSecrets {
    /// The public identity of these keys, signed by the master key, and the master key signed by this device, which
    /// lets those who have verified the device trust the identity.
    ///
    /// - Parameter signedByDevice: adds the device's signature.
    /// - Returns: nil unless all three keys are here.
    public func identity(
        userID: String, signedByDevice: (JSONObject) -> JSONObject = { $0 }
    ) -> CrossSigningIdentity? {
        guard let master, let selfSigning, let userSigning else { return nil }
        let masterKey = CrossSigningKey(of: master.publicKey, userID: userID, usage: .master)
        let masterJSON = signedByDevice(masterKey.json)
        func signed(_ pair: Ed25519KeyPair, _ usage: CrossSigningKey.Usage) -> CrossSigningKey {
            let key = CrossSigningKey(of: pair.publicKey, userID: userID, usage: usage)
            var json = key.json
            SignedJSON.sign(&json, userID: userID, keyID: masterKey.keyID, with: master)
            return CrossSigningKey(key, signed: json)
        }
        return CrossSigningIdentity(
            master: CrossSigningKey(masterKey, signed: masterJSON),
            selfSigning: signed(selfSigning, .selfSigning), userSigning: signed(userSigning, .userSigning))
    }

    /// The device's keys with our self-signing key's signature added, as `POST /keys/signatures/upload` takes them.
    ///
    /// - Returns: nil without the self-signing key.
    public func signed(deviceKeys: JSONObject, userID: String) -> JSONObject? {
        guard let selfSigning else { return nil }
        var signed = deviceKeys
        signed["unsigned"] = nil
        let keyID = CrossSigningKey.keyID(of: selfSigning.publicKey)
        return SignedJSON.sign(&signed, userID: userID, keyID: keyID, with: selfSigning) ? signed : nil
    }

    /// Another user's master key with our user-signing key's signature: "I have verified this person".
    ///
    /// - Returns: nil without the user-signing key.
    public func signed(masterKeyOf other: CrossSigningIdentity, userID: String) -> CrossSigningKey? {
        guard let userSigning else { return nil }
        var signed = other.master.json
        let keyID = CrossSigningKey.keyID(of: userSigning.publicKey)
        guard SignedJSON.sign(&signed, userID: userID, keyID: keyID, with: userSigning) else { return nil }
        return CrossSigningKey(other.master, signed: signed)
    }
}

extension CrossSigningIdentity {
    /// The body of `POST /keys/device_signing/upload`, without the `auth` that the host adds when the server asks.
    public var uploadBody: JSONObject {
        var body: JSONObject = [
            "master_key": .object(master.json), "self_signing_key": .object(selfSigning.json),
        ]
        if let userSigning { body["user_signing_key"] = .object(userSigning.json) }
        return body
    }
}
