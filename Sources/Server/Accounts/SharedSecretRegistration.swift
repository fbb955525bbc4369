import Crypto
import MatrixAPI
import ServerEnvironment
import Synchronization
import UnpaddedBase64

/// Lets whoever knows a secret make accounts, without sending the secret.
///
/// https://element-hq.github.io/synapse/latest/admin_api/register_api.html
public final class SharedSecretRegistration: Sendable {
    /// What the caller wants, as he signed it.
    public struct Request: Sendable {
        public var nonce: String
        public var username: String
        public var password: String
        public var isAdministrator: Bool
        /// Nil when it was not given, and then not signed either.
        public var userType: String?
        /// HMAC-SHA1 in hexadecimal.
        public var mac: String

        public init(
            nonce: String, username: String, password: String, isAdministrator: Bool, userType: String?, mac: String
        ) {
            self.nonce = nonce
            self.username = username
            self.password = password
            self.isAdministrator = isAdministrator
            self.userType = userType
            self.mac = mac
        }
    }

    private static let lifetimeMilliseconds: Int64 = 60_000
    /// Anybody may ask for one.
    package static let maximumNonces = 1_000

    private let key: SymmetricKey
    private let environment: ServerEnvironment
    /// With when they were given out, in milliseconds since 1970.
    private let nonces = Mutex<[String: Int64]>([:])

    /// - Parameter secret: what both sides know.
    public init(secret: String, environment: ServerEnvironment) {
        key = SymmetricKey(data: Array(secret.utf8))
        self.environment = environment
    }

    /// - Throws: `M_LIMIT_EXCEEDED` when too many are open.
    public func makeNonce() throws(MatrixError) -> String {
        let nonce = UnpaddedBase64.encode(environment.randomBytes(32), alphabet: .urlSafe)
        let now = environment.timestamp
        let isKept = nonces.withLock { nonces in
            if nonces.count >= Self.maximumNonces {
                nonces = nonces.filter { now - $0.value < Self.lifetimeMilliseconds }
            }
            guard nonces.count < Self.maximumNonces else { return false }
            nonces[nonce] = now
            return true
        }
        guard isKept else {
            throw .limitExceeded("too many registrations are going on", retryAfterMilliseconds: 10_000)
        }
        return nonce
    }

    /// Checks that the caller knows the secret. A nonce is good for one attempt.
    public func verify(_ request: Request) throws(MatrixError) {
        let now = environment.timestamp
        let madeAt = nonces.withLock { $0.removeValue(forKey: request.nonce) }
        guard let madeAt, now - madeAt < Self.lifetimeMilliseconds else {
            throw MatrixError(400, .unknown, "unrecognised nonce")
        }
        var fields = [
            request.nonce, request.username, request.password, request.isAdministrator ? "admin" : "notadmin",
        ]
        if let userType = request.userType { fields.append(userType) }
        let message = Array(fields.map { Array($0.utf8) }.joined(separator: [0]))
        // A NUL in a field would let the same bytes mean other fields.
        guard !fields.contains(where: { $0.utf8.contains(0) }), let mac = Self.bytes(hexadecimal: request.mac),
            HMAC<Insecure.SHA1>.isValidAuthenticationCode(mac, authenticating: message, using: key)
        else { throw MatrixError(403, .forbidden, "HMAC incorrect") }
    }

    private static func bytes(hexadecimal text: String) -> [UInt8]? {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count % 2 == 0, !digits.contains(nil) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0]! << 4 | digits[$0 + 1]!) }
    }
}
