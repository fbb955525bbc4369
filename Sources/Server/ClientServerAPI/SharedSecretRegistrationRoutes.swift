import Accounts
import CanonicalJSON
import MatrixAPI
import MatrixClientAPI

/// Registration with a shared secret, as Synapse's tools do it. Not there unless the operator has set one.
struct SharedSecretRegistrationRoutes: Routes {
    let accounts: AccountService
    let registration: SharedSecretRegistration?

    func register(on table: inout RouteTable) {
        guard let registration else { return }
        table.on(.getRegistrationNonce) { _ in .json(["nonce": .string(try registration.makeNonce())]) }
        table.on(.registerWithSharedSecret) { call in try await register(call, with: registration) }
    }

    private func register(_ call: Call, with registration: SharedSecretRegistration) async throws -> Reply {
        let body = try call.body()
        let request = SharedSecretRegistration.Request(
            nonce: try body.string("nonce"), username: try body.string("username"),
            password: try body.string("password"), isAdministrator: try body.optionalBool("admin") ?? false,
            userType: try body.optionalString("user_type"), mac: try body.string("mac"))
        let displayName = try body.optionalString("displayname")
        let device = try DeviceRequest(body)
        try device.check()
        try registration.verify(request)
        guard request.userType == nil else {
            throw MatrixError.invalidParameter("this server knows no types of users")
        }
        let userID = try await accounts.createAccount(
            localpart: request.username, password: request.password, isAdministrator: request.isAdministrator)
        if let displayName { try await accounts.setProfileField("displayname", to: .string(displayName), of: userID) }
        if try body.optionalBool("inhibit_login") == true { return .json(["user_id": .string(userID.string)]) }
        return .json(try await accounts.signIn(userID, device: device).json)
    }
}
