import Accounts
import CanonicalJSON
import MatrixIdentifiers
import UnpaddedBase64

/// The device authorisation grant: the user agrees in a browser elsewhere.
///
/// https://spec.matrix.org/v1.19/client-server-api/#device-authorisation-grant
extension OAuthService {
    /// Milliseconds.
    static let deviceCodeLifetime: Int64 = 20 * 60_000
    /// Seconds that a client waits between two questions.
    static let pollingInterval: Int64 = 5

    /// What the device authorisation endpoint answers, but for the addresses of pages.
    public struct DeviceAuthorization: Sendable {
        public let deviceCode: String
        /// What the user types: `WDJB-MJHT`.
        public let userCode: String
        /// Seconds.
        public let expiresIn: Int64
        /// Seconds.
        public let interval: Int64
    }

    /// A client that waits for the user to agree.
    public struct PendingDevice: Sendable {
        public let client: OAuthClient
        public let scope: OAuthScope
        public let userCode: String
    }

    /// https://www.rfc-editor.org/rfc/rfc8628#section-3.1
    public func authorizeDevice(_ parameter: (String) -> String?) async throws -> DeviceAuthorization {
        let client = try await requiredClient(parameter("client_id"))
        let scope = try OAuthScope(parameter("scope") ?? "")
        let userCode = Self.makeUserCode(environment.randomBytes(8))
        let secret = UnpaddedBase64.encode(environment.randomBytes(32), alphabet: .urlSafe)
        try await accounts.setGrant(
            .deviceCode, secret: userCode,
            to: Grant(
                userID: nil,
                content: [
                    "client_id": .string(client.clientID), "scope": .string(scope.text),
                    "secret_hash": .string(Self.hash(secret)), "state": "pending",
                ], expiresAt: environment.timestamp + Self.deviceCodeLifetime))
        // The code that people type finds the grant; what the client keeps is worth nothing without the rest of it.
        return DeviceAuthorization(
            deviceCode: "\(userCode).\(secret)", userCode: userCode, expiresIn: Self.deviceCodeLifetime / 1000,
            interval: Self.pollingInterval)
    }

    /// Consonants, so that no words come about: https://www.rfc-editor.org/rfc/rfc8628#section-6.1
    private static let userCodeLetters = Array("BCDFGHJKLMNPQRSTVWXZ".utf8)

    private static func makeUserCode(_ bytes: [UInt8]) -> String {
        let letters = bytes.map { userCodeLetters[Int($0) % userCodeLetters.count] }
        return String(decoding: letters.prefix(4) + [UInt8(ascii: "-")] + letters.suffix(4), as: UTF8.self)
    }

    private static func hash(_ secret: String) -> String {
        UnpaddedBase64.encode(AccessToken.hash(secret), alphabet: .urlSafe)
    }

    /// As people type it: in small letters, with or without the hyphen.
    static func normalized(userCode: String) -> String {
        let letters = userCode.uppercased().utf8.filter { userCodeLetters.contains($0) }
        return String(decoding: letters.prefix(4) + [UInt8(ascii: "-")] + letters.dropFirst(4), as: UTF8.self)
    }

    /// Nil when there is no such code, or it has been answered already.
    public func pendingDevice(userCode: String) async throws -> PendingDevice? {
        let userCode = Self.normalized(userCode: userCode)
        guard let grant = try await accounts.grant(.deviceCode, secret: userCode),
            grant.content["state"] == "pending",
            let client = try await client(grant.content["client_id"]?.stringValue ?? "")
        else { return nil }
        let scope = try OAuthScope(grant.content["scope"]?.stringValue ?? "")
        return PendingDevice(client: client, scope: scope, userCode: userCode)
    }

    /// The user agrees, or does not.
    ///
    /// - Returns: false when the code has expired or was answered before.
    public func answer(_ device: PendingDevice, by userID: UserID, accepts: Bool) async throws -> Bool {
        let grant = try await accounts.updateGrant(.deviceCode, secret: device.userCode) { grant in
            guard grant.content["state"] == "pending" else { return grant }
            var content = grant.content
            content["state"] = accepts ? "accepted" : "denied"
            return Grant(userID: accepts ? userID : nil, content: content, expiresAt: grant.expiresAt)
        }
        return grant?.content["state"] == "pending"
    }

    /// https://www.rfc-editor.org/rfc/rfc8628#section-3.5
    func pollDeviceCode(_ parameter: (String) -> String?) async throws -> Tokens {
        let parts = (parameter("device_code") ?? "").split(separator: ".").map(String.init)
        guard parts.count == 2 else { throw OAuthError(.invalidRequest, "device_code is missing or malformed") }
        let client = try await requiredClient(parameter("client_id"))
        let now = environment.timestamp
        let found = try await accounts.updateGrant(.deviceCode, secret: parts[0]) { grant in
            guard Self.belongs(grant, to: client, secret: parts[1]) else { return grant }
            // Answered: nobody needs it any more.
            guard grant.content["state"] == "pending" else { return nil }
            var content = grant.content
            content["polled_at"] = .integer(now)
            return Grant(userID: nil, content: content, expiresAt: grant.expiresAt)
        }
        guard let grant = found, Self.belongs(grant, to: client, secret: parts[1]) else {
            throw OAuthError(.expiredToken, "the device code is unknown or has expired")
        }
        switch (grant.content["state"], grant.userID) {
        case ("accepted", .some(let userID)):
            let scope = try OAuthScope(grant.content["scope"]?.stringValue ?? "")
            return try await signIn(userID, scope: scope, client: client)
        case ("denied", _): throw OAuthError(.accessDenied, "the user did not agree")
        default:
            // A second of grace for clocks and networks.
            let soonest = (grant.content["polled_at"]?.integerValue ?? 0) + (Self.pollingInterval - 1) * 1000
            if now < soonest { throw OAuthError(.slowDown, "wait \(Self.pollingInterval) seconds between questions") }
            throw OAuthError(.authorizationPending, "the user has not answered yet")
        }
    }

    private static func belongs(_ grant: Grant, to client: OAuthClient, secret: String) -> Bool {
        utf8Equal(grant.content["client_id"]?.stringValue ?? "", client.clientID)
            && AccessToken.areEqual(grant.content["secret_hash"]?.stringValue ?? "", hash(secret))
    }
}
