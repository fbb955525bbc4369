import CanonicalJSON
import Primitives

/// Why keys that a server gave are not a cross-signing identity.
public enum CrossSigningError: Error, Equatable, Sendable {
    /// Not exactly one Ed25519 key under its own name, or not this user's, or not for this usage.
    case malformedKey
    /// The master key has not signed it.
    case notSignedByMaster
    /// A private key that does not belong to the public one.
    case secretDoesNotMatch
}

/// The public half of a cross-signing key.
///
/// https://spec.matrix.org/v1.19/client-server-api/#cross-signing
public struct CrossSigningKey: Sendable, Equatable {
    public enum Usage: Sendable, Equatable {
        case master, selfSigning, userSigning

        /// As it stands in the key's `usage`.
        public var name: String {
            switch self {
            case .master: "master"
            case .selfSigning: "self_signing"
            case .userSigning: "user_signing"
            }
        }
    }

    public let userID: String
    public let usage: Usage
    public let key: Ed25519Key
    /// The whole object with its signatures.
    public let json: JSONObject

    /// `ed25519:` and the key in base64.
    public var keyID: String { Self.keyID(of: key) }

    public static func keyID(of key: Ed25519Key) -> String { "ed25519:" + key.base64 }

    /// Reads what `POST /keys/query` answered.
    ///
    /// - Throws: ``CrossSigningError/malformedKey``. Signatures are not looked at here.
    public init(_ json: JSONObject, userID: String, usage: Usage) throws(CrossSigningError) {
        guard let owner = json["user_id"]?.stringValue, utf8Equal(owner, userID),
            let usages = json["usage"]?.arrayValue,
            usages.contains(where: { use in use.stringValue.map { utf8Equal($0, usage.name) } ?? false }),
            let keys = json["keys"]?.objectValue, keys.count == 1, let member = keys.members.first,
            let text = member.value.stringValue, let key = Ed25519Key(base64: text),
            // One way to write a key, so that there is one ID for it.
            utf8Equal(text, key.base64), utf8Equal(member.key, Self.keyID(of: key))
        else { throw .malformedKey }
        self.userID = userID
        self.usage = usage
        self.key = key
        self.json = json
    }

    init(of key: Ed25519Key, userID: String, usage: Usage) {
        self.userID = userID
        self.usage = usage
        self.key = key
        json = [
            "user_id": .string(userID), "usage": [.string(usage.name)],
            "keys": .object(JSONObject(members: [(Self.keyID(of: key), .string(key.base64))])),
        ]
    }

    init(_ key: CrossSigningKey, signed json: JSONObject) {
        userID = key.userID
        usage = key.usage
        self.key = key.key
        self.json = json
    }

    /// Whether `other` has signed this key.
    public func isSigned(by other: CrossSigningKey) -> Bool {
        SignedJSON.isSigned(json, userID: other.userID, keyID: other.keyID, by: other.key)
    }
}

extension CrossSigningKey {
    public static func == (left: CrossSigningKey, right: CrossSigningKey) -> Bool {
        utf8Equal(left.userID, right.userID) && left.usage == right.usage && left.key == right.key
            && left.json == right.json
    }
}
