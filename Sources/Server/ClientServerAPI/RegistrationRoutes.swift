import Accounts
import CanonicalJSON
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
        if body["type"]?.stringValue == ApplicationServiceStage.type { return try await registerBridged(call, body) }
        let flow = try flow()
        // Said before the client goes through the stages.
        if let localpart = try body.optionalString("username") {
            _ = try await accounts.availableUserID(localpart: localpart)
        }
        var demand = InteractiveAuthentication.Demand(operation: "register", flows: [flow])
        demand.params = termsParameters
        demand.mayChangeBody = true
        let authorized = try await accounts.interactiveAuthentication.authorize(demand, body: body, verify: verify)
        let request = authorized.request
        // All that can be refused is, before the name is taken.
        let device = try DeviceRequest(request)
        try device.check()
        let inhibitsLogin = try request.optionalBool("inhibit_login") == true
        let userID = try await accounts.register(
            localpart: request.optionalString("username"), password: request.string("password"),
            registrationToken: accounts.interactiveAuthentication.note(
                of: .registrationToken, sessionID: authorized.sessionID))
        accounts.interactiveAuthentication.finish(sessionID: authorized.sessionID)
        if inhibitsLogin { return .json(["user_id": .string(userID.string)]) }
        return .json(try await accounts.signIn(userID, device: device).json)
    }

    /// A user whom an application service speaks for; no sign-up is asked for, whoever else may sign up.
    private func registerBridged(_ call: Call, _ body: JSONObject) async throws -> Reply {
        let service = try call.requiredApplicationService()
        let device = try DeviceRequest(body)
        try device.check()
        let inhibitsLogin = try body.optionalBool("inhibit_login") == true
        let userID = try await accounts.register(localpart: body.string("username"), by: service)
        if inhibitsLogin { return .json(["user_id": .string(userID.string)]) }
        return .json(try await accounts.signIn(userID, device: device).json)
    }

    private func flow() throws(MatrixError) -> [AuthenticationStage] {
        let terms: [AuthenticationStage] = accounts.configuration.terms == nil ? [] : [.terms]
        switch accounts.configuration.registration {
        case .open: return terms + [.dummy]
        // The last stage is there for clients that were made for homeservers which ask for it, such as matrix-nio.
        case .token: return [.registrationToken] + terms + [.dummy]
        case .closed: throw .forbidden("this server takes no new users")
        }
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#terms-of-service-at-registration
    private var termsParameters: JSONObject {
        guard let terms = accounts.configuration.terms else { return [:] }
        return [
            AuthenticationStage.terms.rawValue: [
                "policies": [
                    "terms_of_use": [
                        "version": .string(terms.version),
                        "en": ["name": "Terms of use", "url": .string(terms.url)],
                        "ko": ["name": "이용약관", "url": .string(terms.url)],
                    ]
                ]
            ]
        ]
    }

    /// Answers the registration token, of which a use is spent at the end.
    private func verify(_ stage: AuthenticationStage, _ auth: JSONObject) async throws -> String? {
        guard stage == .registrationToken else { return nil }
        let token = try auth.string("token")
        guard try await accounts.isRegistrationTokenValid(token) else {
            throw MatrixError(401, .unauthorized, "the registration token is wrong")
        }
        return token
    }

    private func checkUsernameAvailability(_ call: Call) async throws -> Reply {
        guard let localpart = call.query["username"] else {
            throw MatrixError.missingParameter("'username' is missing")
        }
        _ = try await accounts.availableUserID(localpart: localpart, for: call.applicationService)
        return .json(["available": true])
    }

    private func registrationTokenValidity(_ call: Call) async throws -> Reply {
        guard let token = call.query["token"] else { throw MatrixError.missingParameter("'token' is missing") }
        return .json(["valid": .bool(try await accounts.isRegistrationTokenValid(token))])
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
