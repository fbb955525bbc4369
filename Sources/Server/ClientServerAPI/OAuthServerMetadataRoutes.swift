import AccountPages
import CanonicalJSON
import MatrixAPI
import MatrixClientAPI

struct OAuthServerMetadataRoutes: Routes {
    let pages: AccountPages

    func register(on table: inout RouteTable) {
        table.on(.getAuthMetadata) { call in .json(try pages.metadata(for: call.request)) }
    }
}
