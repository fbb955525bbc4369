import MatrixAPI

/// Why a client could not do what it was asked to.
public struct ClientError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// The server cannot be reached now; what was asked may succeed later.
        case offline
        /// The server asks us to wait.
        case limited(retryAfterMilliseconds: Int64?)
        /// The server failed; what was asked may succeed later.
        case serverFailed
        /// The server refused, with a code of the specification: `M_FORBIDDEN`, say.
        case refused(errorCode: String)
        /// The access token is good for nothing any more.
        ///
        /// - isSoft: the device and its keys stay; ``Session/signInAgain(password:)`` goes on with them.
        case signedOut(isSoft: Bool)
        /// The answer is not what the specification says.
        case brokenAnswer
        /// What the caller gave makes no sense: an invalid user name, an empty message, a file that is too large.
        case invalidRequest
        /// The room, event, device or file is not known here.
        case notFound
        /// The store on this device cannot be read or written, or belongs to another passphrase.
        case store
        /// A message cannot be encrypted now: somebody's identity has changed and waits for a decision.
        case identityChanged(userIDs: [String])
        /// A message cannot be encrypted or decrypted, or a key is wrong.
        case encryption
        /// The server has no such feature.
        case unsupported
        /// The caller has given up.
        case cancelled
    }

    public let code: Code
    /// For people; names what was wrong and never a secret.
    public let reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    public var description: String { reason }

    /// Whether the same may succeed later without anybody doing anything.
    public var isTemporary: Bool {
        switch code {
        case .offline, .limited, .serverFailed: true
        default: false
        }
    }
}
