import AccountPages
import HTTPServing
import MatrixAPI
import MatrixClientAPI

struct SSOLoginRedirectRoutes: Routes {
    let pages: AccountPages

    func register(on table: inout RouteTable) {
        table.on(.redirectToSSO) { call in
            let location = try pages.singleSignOnLocation(call.query)
            return .http(
                HTTPResponse(
                    status: 302,
                    headers: [
                        ("Location", location), ("Cache-Control", "no-store"), ("Access-Control-Allow-Origin", "*"),
                    ]))
        }
        table.on(.redirectToIDP) { _ in
            throw MatrixError.notFound("this server has no other identity providers; use its own sign-in page")
        }
    }
}
