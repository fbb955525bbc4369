import HomeserverStore
import MatrixAPI
import ServerEnvironment

/// The tokens that let people sign up: made, changed and deleted by administrators.
///
/// https://spec.matrix.org/v1.19/client-server-api/#token-authenticated-registration
extension AccountService {
    private static let maximumRegistrationTokens = 10_000
    private static let noSuchToken = MatrixError.notFound("there is no such registration token")

    public func registrationTokens() async throws -> [RegistrationTokenRecord] {
        try await database.read { try $0.registrationTokens() }
    }

    public func registrationToken(_ token: String) async throws -> RegistrationTokenRecord {
        guard let record = try await database.read({ try $0.registrationToken(token) }) else { throw Self.noSuchToken }
        return record
    }

    /// - Parameters:
    ///   - token: nil makes one up.
    ///   - usesAllowed: how many may sign up with it; nil any number.
    ///   - expiresAt: milliseconds since 1970; nil never.
    public func createRegistrationToken(
        _ token: String? = nil, usesAllowed: Int64? = nil, expiresAt: Int64? = nil
    ) async throws -> RegistrationTokenRecord {
        let token = token ?? Self.randomRegistrationToken(environment)
        try Self.checkRegistrationToken(token, usesAllowed: usesAllowed)
        let record = RegistrationTokenRecord(
            token: token, usesAllowed: usesAllowed, expiresAt: expiresAt, createdAt: environment.timestamp)
        return try await writes.submit { context in
            guard try context.store.registrationToken(token) == nil else {
                throw MatrixError.invalidParameter("there is such a registration token already")
            }
            guard try context.store.registrationTokens().count < Self.maximumRegistrationTokens else {
                throw MatrixError.tooLarge("there are too many registration tokens; delete some")
            }
            try context.store.setRegistrationToken(record)
            return record
        }
    }

    /// Changes how often and how long a token may be used.
    public func updateRegistrationToken(
        _ token: String, change: @escaping @Sendable (inout RegistrationTokenRecord) -> Void
    ) async throws -> RegistrationTokenRecord {
        try await writes.submit { context in
            guard var record = try context.store.registrationToken(token) else { throw Self.noSuchToken }
            change(&record)
            try Self.checkRegistrationToken(record.token, usesAllowed: record.usesAllowed)
            try context.store.setRegistrationToken(record)
            return record
        }
    }

    public func deleteRegistrationToken(_ token: String) async throws {
        try await writes.submit { context in
            guard try context.store.registrationToken(token) != nil else { throw Self.noSuchToken }
            try context.store.deleteRegistrationToken(token)
        }
    }

    /// Whether somebody may sign up with the token now: the one that the operator configured, or a stored one.
    public func isRegistrationTokenValid(_ token: String) async throws -> Bool {
        if case .token(let expected?) = configuration.registration, AccessToken.areEqual(token, expected) {
            return true
        }
        let now = environment.timestamp
        return try await database.read { try $0.registrationToken(token)?.isUsable(at: now) ?? false }
    }

    /// https://spec.matrix.org/v1.19/appendices/#opaque-identifiers
    private static func checkRegistrationToken(_ token: String, usesAllowed: Int64?) throws(MatrixError) {
        let isAllowed = token.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "-")].contains(byte)
            }
        }
        guard isAllowed, (1...64).contains(token.utf8.count) else {
            throw .invalidParameter("a registration token has 1 to 64 of the characters A-Z, a-z, 0-9 and . _ ~ -")
        }
        if let usesAllowed, usesAllowed < 0 { throw .invalidParameter("a token cannot be used less than zero times") }
    }

    private static func randomRegistrationToken(_ environment: ServerEnvironment) -> String {
        let letters = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)
        return String(decoding: environment.randomBytes(16).map { letters[Int($0 & 31)] }, as: UTF8.self)
    }
}
