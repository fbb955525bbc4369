import CanonicalJSON
import MatrixAPI
import MatrixClientAPI

/// E-mail addresses and telephone numbers. Naru knows people by their user IDs alone and asks no identity server, so
/// nobody has such an address, none can be added, and removing one is done before it is begun.
struct AdministrativeContactRoutes: Routes {
    func register(on table: inout RouteTable) {
        table.on(.getAccount3PIDs) { _ in .json(["threepids": []]) }
        for endpoint in [Endpoint.post3PIDs, .add3PID, .bind3PID] {
            table.on(endpoint) { call in
                _ = try call.body()
                throw Self.notSupported
            }
        }
        for endpoint in [Endpoint.delete3pidFromAccount, .unbind3pidFromAccount] {
            table.on(endpoint) { call in
                let body = try call.body()
                _ = (try body.string("medium"), try body.string("address"))
                return .json(["id_server_unbind_result": "no-support"])
            }
        }
        for endpoint in [
            Endpoint.requestTokenTo3PIDEmail, .requestTokenTo3PIDMSISDN, .requestTokenToRegisterEmail,
            .requestTokenToRegisterMSISDN, .requestTokenToResetPasswordEmail, .requestTokenToResetPasswordMSISDN,
        ] {
            table.on(endpoint) { call in
                _ = try call.body().string("client_secret")
                throw Self.notSupported
            }
        }
    }

    private static let notSupported = MatrixError(
        400, .threepidMediumNotSupported, "this server knows people by their user IDs alone")
}
