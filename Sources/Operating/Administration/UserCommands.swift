import Accounts
import CanonicalJSON
import Homeserver
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import UnpaddedBase64

/// Accounts: made, looked at, and stopped.
struct UserCommands: AdministrationCommands {
    let homeserver: Homeserver
    private var accounts: AccountService { homeserver.accounts }

    var commands: [String: Administration.Command] {
        [
            "users/create": create, "users/list": list, "users/show": show, "users/reset-password": resetPassword,
            "users/set-admin": { arguments in
                let isAdministrator = try arguments.bool("admin")
                return try await change(arguments) { try await accounts.setAdministrator(isAdministrator, $0) }
            },
            "users/lock": { arguments in
                let isLocked = try arguments.bool("locked")
                return try await change(arguments) { try await accounts.setLocked(isLocked, $0) }
            },
            "users/suspend": { arguments in
                let isSuspended = try arguments.bool("suspended")
                return try await change(arguments) { try await accounts.setSuspended(isSuspended, $0) }
            },
            "users/deactivate": { arguments in
                let erases = try arguments.optionalBool("erase") ?? false
                return try await change(arguments) { try await accounts.deactivate($0, erases: erases) }
            },
        ]
    }

    private func create(_ arguments: JSONObject) async throws -> JSONObject {
        let userID = try arguments.user(of: accounts.serverName)
        let password = try arguments.optionalString("password") ?? makePassword()
        let made = try await accounts.createAccount(
            localpart: userID.localpart, password: password,
            isAdministrator: arguments.optionalBool("admin") ?? false)
        return ["user_id": .string(made.string), "password": .string(password)]
    }

    private func resetPassword(_ arguments: JSONObject) async throws -> JSONObject {
        let userID = try arguments.user(of: accounts.serverName)
        let password = try arguments.optionalString("password") ?? makePassword()
        try await accounts.resetPassword(
            of: userID, to: password, signsOutDevices: arguments.optionalBool("sign_out") ?? true)
        return ["user_id": .string(userID.string), "password": .string(password)]
    }

    /// 120 random bits, for whoever does not say which password.
    private func makePassword() -> String {
        UnpaddedBase64.encode(homeserver.environment.randomBytes(15), alphabet: .urlSafe)
    }

    private func list(_ arguments: JSONObject) async throws -> JSONObject {
        let after = try arguments["after"] == nil ? nil : arguments.user("after", of: accounts.serverName)
        let limit = Int(try arguments.optionalInteger("limit") ?? 100)
        let page = try await accounts.listAccounts(after: after, limit: limit)
        var answer: JSONObject = ["users": .array(page.map { .object(Self.summary($0)) })]
        if page.count == limit, let last = page.last { answer["next"] = .string(last.userID.string) }
        return answer
    }

    private func show(_ arguments: JSONObject) async throws -> JSONObject {
        let userID = try arguments.user(of: accounts.serverName)
        guard let account = try await accounts.account(userID) else {
            throw MatrixError.notFound("there is no user \(userID)")
        }
        let (rooms, displayName) = try await homeserver.database.read { store in
            (try store.memberships(of: userID), try store.profile(of: userID)["displayname"])
        }
        var answer = Self.summary(account)
        answer["display_name"] = try displayName.map { try JSONParser.parse($0) }
        answer["joined_rooms"] = .array(
            rooms.filter { $0.membership == .join }.map { .string($0.roomID.string) })
        answer["devices"] = .array(
            try await accounts.devices(of: userID).map { device in
                var entry: JSONObject = ["device_id": .string(device.deviceID)]
                entry["display_name"] = device.displayName.map { .string($0) }
                entry["last_seen_ip"] = device.lastSeenAddress.map { .string($0) }
                entry["last_seen_at"] = device.lastSeenAt.map { .integer($0) }
                return .object(entry)
            })
        return answer
    }

    private static func summary(_ account: AccountRecord) -> JSONObject {
        [
            "user_id": .string(account.userID.string), "created_at": .integer(account.createdAt),
            "admin": .bool(account.standing.isAdministrator), "locked": .bool(account.standing.isLocked),
            "suspended": .bool(account.standing.isSuspended), "deactivated": .bool(account.isDeactivated),
        ]
    }

    private func change(
        _ arguments: JSONObject, _ body: (UserID) async throws -> Void
    ) async throws -> JSONObject {
        let userID = try arguments.user(of: accounts.serverName)
        try await body(userID)
        guard let account = try await accounts.account(userID) else {
            throw MatrixError.notFound("there is no user \(userID)")
        }
        return Self.summary(account)
    }
}

/// Registration tokens.
struct TokenCommands: AdministrationCommands {
    let accounts: AccountService

    var commands: [String: Administration.Command] {
        [
            "tokens/create": { arguments in
                let uses = try arguments.optionalInteger("uses")
                let expiresAt = try arguments.optionalInteger("expires_at")
                return Self.json(
                    try await accounts.createRegistrationToken(
                        arguments.optionalString("token"), usesAllowed: uses, expiresAt: expiresAt))
            },
            "tokens/list": { _ in
                ["tokens": .array(try await accounts.registrationTokens().map { .object(Self.json($0)) })]
            },
            "tokens/revoke": { arguments in
                try await accounts.deleteRegistrationToken(arguments.string("token"))
                return [:]
            },
        ]
    }

    private static func json(_ token: RegistrationTokenRecord) -> JSONObject {
        var json: JSONObject = [
            "token": .string(token.token), "completed": .integer(token.completedCount),
            "created_at": .integer(token.createdAt),
        ]
        json["uses"] = token.usesAllowed.map { .integer($0) }
        json["expires_at"] = token.expiresAt.map { .integer($0) }
        return json
    }
}
