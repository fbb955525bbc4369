import Accounts
import CanonicalJSON
import Crypto
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers

/// Sign-up.
struct RegistrationRoutes: Routes {
    let accounts: AccountService

    func register(on table: inout RouteTable) {
        table.on(.register, use: register)
        table.on(.checkUsernameAvailability, use: checkUsernameAvailability)
        table.on(.registrationTokenValidity, use: registrationTokenValidity)
    }

    private func register(_ call: Call) async throws -> Reply {
        let body = try call.bodyOrEmpty()
        guard call.query["kind"] ?? "user" == "user" else {
            throw MatrixError(403, .guestAccessForbidden, "guests are not let in")
        }
        let flow = try flow()
        // Said before the client goes through the stages.
        if let localpart = try body.optionalString("username") {
            _ = try await accounts.availableUserID(localpart: localpart)
        }
        let request = try await accounts.interactiveAuthentication.authorize(
            operation: "register", body: body, flows: [flow], mayChangeBody: true, verify: verify)
        // All that can be refused is, before the name is taken.
        let device = try DeviceRequest(request)
        try device.check()
        let inhibitsLogin = try request.optionalBool("inhibit_login") == true
        let userID = try await accounts.register(
            localpart: request.optionalString("username"), password: request.string("password"))
        accounts.interactiveAuthentication.finish(body)
        if inhibitsLogin { return .json(["user_id": .string(userID.string)]) }
        return .json(try await accounts.signIn(userID, device: device).json)
    }

    private func flow() throws(MatrixError) -> [AuthenticationStage] {
        switch accounts.configuration.registration {
        case .open: return [.dummy]
        // The second stage is there for clients that were made for homeservers which ask for it, such as matrix-nio.
        case .token: return [.registrationToken, .dummy]
        case .closed: throw .forbidden("this server takes no new users")
        }
    }

    private func verify(_ stage: AuthenticationStage, _ auth: JSONObject) throws {
        guard stage == .registrationToken else { return }
        guard try isValid(token: auth.string("token")) else {
            throw MatrixError(401, .unauthorized, "the registration token is wrong")
        }
    }

    /// Compares in constant time, since the token is a secret.
    private func isValid(token: String) -> Bool {
        guard case .token(let expected) = accounts.configuration.registration else { return false }
        let digests = [token, expected].map { SHA256.hash(data: Array($0.utf8)) }
        return digests[0] == digests[1]
    }

    private func checkUsernameAvailability(_ call: Call) async throws -> Reply {
        guard let localpart = call.query["username"] else {
            throw MatrixError.missingParameter("'username' is missing")
        }
        _ = try await accounts.availableUserID(localpart: localpart)
        return .json(["available": true])
    }

    private func registrationTokenValidity(_ call: Call) throws -> Reply {
        guard let token = call.query["token"] else { throw MatrixError.missingParameter("'token' is missing") }
        return .json(["valid": .bool(isValid(token: token))])
    }
}

typealias DeviceRequest = AccountService.DeviceRequest

extension AccountService.DeviceRequest {
    init(_ body: JSONObject) throws(MatrixError) {
        self.init(
            deviceID: try body.optionalString("device_id"),
            displayName: try body.optionalString("initial_device_display_name"),
            wantsRefreshToken: try body.optionalBool("refresh_token") ?? false)
    }
}

extension AccountService.Credentials {
    /// What sign-up and sign-in answer.
    var json: JSONObject {
        var json = tokensJSON
        json["user_id"] = .string(userID.string)
        json["home_server"] = .string(userID.serverName.string)
        json["device_id"] = .string(deviceID)
        return json
    }

    var tokensJSON: JSONObject {
        var json: JSONObject = ["access_token": .string(accessToken)]
        json["refresh_token"] = refreshToken.map { .string($0) }
        json["expires_in_ms"] = expiresIn.map { .integer($0) }
        return json
    }
}
