/// A token that lets people sign up.
///
/// https://spec.matrix.org/v1.19/client-server-api/#token-authenticated-registration
public struct RegistrationTokenRecord: Sendable, Equatable {
    public let token: String
    /// Nil: any number.
    public var usesAllowed: Int64?
    /// How many have signed up with it.
    public var completedCount: Int64
    /// Milliseconds since 1970; nil never.
    public var expiresAt: Int64?
    /// Milliseconds since 1970.
    public let createdAt: Int64

    public init(token: String, usesAllowed: Int64?, completedCount: Int64 = 0, expiresAt: Int64?, createdAt: Int64) {
        self.token = token
        self.usesAllowed = usesAllowed
        self.completedCount = completedCount
        self.expiresAt = expiresAt
        self.createdAt = createdAt
    }

    /// - Parameter milliseconds: since 1970.
    public func isUsable(at milliseconds: Int64) -> Bool {
        if let expiresAt, expiresAt <= milliseconds { return false }
        return usesAllowed.map { completedCount < $0 } ?? true
    }
}

public protocol RegistrationTokenReader {
    func registrationToken(_ token: String) throws -> RegistrationTokenRecord?
    func registrationTokens() throws -> [RegistrationTokenRecord]
}

public protocol RegistrationTokenWriter: RegistrationTokenReader {
    /// Inserts the token, or replaces the one of the same name.
    func setRegistrationToken(_ token: RegistrationTokenRecord) throws
    func deleteRegistrationToken(_ token: String) throws
}
