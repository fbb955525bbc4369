import CanonicalJSON
import HTTPServing
import MatrixAPI
import MatrixClientAPI

struct WellKnownRoutes: Routes {
    /// Nil: the address that the client has used.
    let baseURL: String?

    func register(on table: inout RouteTable) {
        table.on(.getWellknown, use: getWellknown)
    }

    private func getWellknown(_ call: Call) throws -> Reply {
        let scheme = call.request.isEncrypted || call.request.header("x-forwarded-proto") == "https" ? "https" : "http"
        guard let url = baseURL ?? call.request.header("host").map({ "\(scheme)://\($0)" }) else {
            throw MatrixError.notFound("the server's address is not known")
        }
        return .json(["m.homeserver": ["base_url": .string(url)]])
    }
}
