import CanonicalJSON
import Primitives

/// One side of a verification with the keys that it has at the beginning. They do not change while it lasts, whatever
/// the server says meanwhile.
///
/// https://spec.matrix.org/v1.19/client-server-api/#key-and-signature-security
public struct VerificationParty: Sendable {
    public let userID: String
    public let deviceID: String
    public let deviceKey: Ed25519Key
    /// The user's master key as we know it, if there is one.
    public let masterKey: Ed25519Key?
    /// Whether this side vouches for its master key. We know it of ourselves only.
    public let trustsMasterKey: Bool

    public init(
        userID: String, deviceID: String, deviceKey: Ed25519Key, masterKey: Ed25519Key?, trustsMasterKey: Bool
    ) {
        self.userID = userID
        self.deviceID = deviceID
        self.deviceKey = deviceKey
        self.masterKey = masterKey
        self.trustsMasterKey = trustsMasterKey
    }
}

/// What a verification has shown to be the other's.
public struct VerifiedKeys: Sendable, Equatable {
    public let userID: String
    /// The device whose key was verified, and the key.
    public var device: (id: String, key: Ed25519Key)?
    /// The master key; of ourselves when it was our own device, and then the identity is ours.
    public var masterKey: Ed25519Key?

    public init(userID: String, device: (id: String, key: Ed25519Key)?, masterKey: Ed25519Key?) {
        self.userID = userID
        self.device = device
        self.masterKey = masterKey
    }

    public static func == (left: Self, right: Self) -> Bool {
        guard utf8Equal(left.userID, right.userID), left.masterKey == right.masterKey else { return false }
        switch (left.device, right.device) {
        case (nil, nil): return true
        case (let left?, let right?): return utf8Equal(left.id, right.id) && left.key == right.key
        default: return false
        }
    }
}

/// Where the messages of a verification go.
public enum VerificationChannel: Sendable {
    /// Between two devices; the ID is in each message.
    case toDevice(transactionID: String)
    /// In a room that both share; the request's event ID stands for it.
    case room(roomID: String, requestEventID: String)

    /// What names the verification on both sides.
    public var flowID: String {
        switch self {
        case .toDevice(let transactionID): transactionID
        case .room(_, let requestEventID): requestEventID
        }
    }

    /// `content` with what says to which verification it belongs.
    func addressed(_ content: JSONObject) -> JSONObject {
        var content = content
        switch self {
        case .toDevice(let transactionID): content["transaction_id"] = .string(transactionID)
        case .room(_, let requestEventID):
            content["m.relates_to"] = ["rel_type": "m.reference", "event_id": .string(requestEventID)]
        }
        return content
    }
}

/// A message of a verification to be sent.
public struct VerificationMessage: Sendable {
    /// Whom it is for.
    public enum Receiver: Sendable {
        /// Devices of the other user, by to-device messages.
        case devices([String])
        /// Everybody in the room.
        case room(String)
    }

    /// Such as `m.key.verification.start`.
    public let type: String
    /// With `transaction_id` or `m.relates_to`.
    public let content: JSONObject
    /// The other user.
    public let userID: String
    public let receiver: Receiver

    public init(type: String, content: JSONObject, userID: String, receiver: Receiver) {
        self.type = type
        self.content = content
        self.userID = userID
        self.receiver = receiver
    }
}

/// The types of the messages.
public enum VerificationMessageType {
    public static let request = "m.key.verification.request"
    public static let ready = "m.key.verification.ready"
    public static let start = "m.key.verification.start"
    public static let accept = "m.key.verification.accept"
    public static let key = "m.key.verification.key"
    public static let mac = "m.key.verification.mac"
    public static let done = "m.key.verification.done"
    public static let cancel = "m.key.verification.cancel"
}
