/// A request that the host sends to the homeserver.
///
/// It is stored until it is answered and stays the same, its transaction ID too, so that sending it again after a lost
/// answer or a crash is safe.
public struct OutgoingRequest: Sendable, Equatable {
    /// Names a request for ``EncryptionMachine/receive(_:status:for:)``; never used twice.
    public struct ID: Hashable, Sendable {
        public let number: UInt64

        public init(_ number: UInt64) { self.number = number }
    }

    public enum Kind: UInt8, Sendable {
        case uploadKeys = 1
        case queryKeys = 2
        case claimKeys = 3
        case sendToDevice = 4
        case uploadSignatures = 5
        case uploadSigningKeys = 6
        /// An event in a room, such as a message of a verification: the host encrypts it first when the room is.
        case sendRoomEvent = 7
        case uploadBackup = 8
        case other = 9
    }

    public enum Method: UInt8, Sendable {
        case get = 1
        case put = 2
        case post = 3
        case delete = 4

        /// The name in HTTP.
        public var name: String {
            switch self {
            case .get: "GET"
            case .put: "PUT"
            case .post: "POST"
            case .delete: "DELETE"
            }
        }
    }

    public let id: ID
    public let kind: Kind
    public let method: Method
    /// Begins with `/_matrix/client`; percent-encoded.
    public let path: String
    /// JSON; empty when the request has no body.
    public let body: [UInt8]
}
