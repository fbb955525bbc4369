import Accounts
import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers

/// Sign-in.
struct LoginRoutes: Routes {
    let accounts: AccountService

    func register(on table: inout RouteTable) {
        let flows = Self.flows(hasApplicationServices: !accounts.applicationServices.isEmpty)
        table.on(.getLoginFlows) { _ in flows }
        table.on(.login, use: login)
    }

    /// Passwords come first: clients that know one way only take the first that they know. Whoever knows of OAuth 2.0
    /// and yet signs in here prefers our pages: https://spec.matrix.org/v1.19/client-server-api/#oauth-20-aware-clients
    private static func flows(hasApplicationServices: Bool) -> Reply {
        var flows: [JSONValue] = [
            ["type": "m.login.password"],
            ["type": "m.login.token", "get_login_token": true],
            ["type": "m.login.sso", "oauth_aware_preferred": true],
        ]
        if hasApplicationServices { flows.append(["type": .string(ApplicationServiceStage.type)]) }
        return .json(["flows": .array(flows)])
    }

    private func login(_ call: Call) async throws -> Reply {
        let body = try call.body()
        let device = try DeviceRequest(body)
        try device.check()
        let userID = try await userID(signedInBy: body, call)
        return .json(try await accounts.signIn(userID, device: device).json)
    }

    private func userID(signedInBy body: JSONObject, _ call: Call) async throws -> UserID {
        let type = try body.string("type")
        switch type {
        case AuthenticationStage.password.rawValue:
            let userID = try PasswordStage.userID(in: body, serverName: accounts.serverName)
            try await accounts.checkPassword(body.string("password"), of: userID, address: call.address)
            return userID
        case "m.login.token":
            return try await accounts.redeemLoginToken(body.string("token"))
        case ApplicationServiceStage.type:
            return try await ApplicationServiceStage.userID(in: body, call, accounts: accounts)
        default:
            throw MatrixError(400, .unknown, "signing in by '\(type.prefix(60))' is not offered")
        }
    }
}

/// `m.login.application_service`, at sign-in and at sign-up.
///
/// https://spec.matrix.org/v1.19/client-server-api/#appservice-login
enum ApplicationServiceStage {
    static let type = "m.login.application_service"

    /// Whom the service signs in.
    static func userID(in body: JSONObject, _ call: Call, accounts: AccountService) async throws -> UserID {
        let service = try call.requiredApplicationService()
        let userID = try PasswordStage.userID(in: body, serverName: accounts.serverName)
        guard service.speaks(for: userID) else {
            throw MatrixError(400, .exclusive, "\(userID) is outside of the application service's namespaces")
        }
        guard try await accounts.account(userID) != nil else {
            throw MatrixError.forbidden("the application service has not registered \(userID)")
        }
        return userID
    }
}

/// `m.login.password`, at sign-in and as a stage of user-interactive authentication.
///
/// https://spec.matrix.org/v1.19/client-server-api/#password-based
enum PasswordStage {
    /// The user that the request names: by `identifier`, or as clients did before that.
    static func userID(in request: JSONObject, serverName: ServerName) throws(MatrixError) -> UserID {
        let name: String
        if let identifier = try request.optionalObject("identifier") {
            guard try identifier.string("type") == "m.id.user" else {
                throw .forbidden("users are known by their user ID only")
            }
            name = try identifier.string("user")
        } else {
            name = try request.string("user")
        }
        let userID = name.hasPrefix("@") ? UserID(name) : UserID("@\(name):\(serverName)")
        guard let userID, userID.serverName == serverName else {
            throw .forbidden("the user name or the password is wrong")
        }
        return userID
    }

    /// Checks the stage for somebody who is signed in.
    static func verify(
        _ auth: JSONObject, accounts: AccountService, userID: UserID, address: String? = nil
    ) async throws {
        guard try self.userID(in: auth, serverName: accounts.serverName) == userID else {
            throw MatrixError.forbidden("this is another user's name")
        }
        try await accounts.checkPassword(auth.string("password"), of: userID, address: address)
    }
}
