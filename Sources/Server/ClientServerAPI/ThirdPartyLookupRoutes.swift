import MatrixAPI
import MatrixClientAPI

/// There are no bridges to other networks here, so nothing of them is found.
struct ThirdPartyLookupRoutes: Routes {
    func register(on table: inout RouteTable) {
        table.on(.getProtocols) { _ in .empty }
        for endpoint in [
            Endpoint.getProtocolMetadata, .queryLocationByProtocol, .queryUserByProtocol, .queryLocationByAlias,
            .queryUserByID,
        ] {
            table.on(endpoint) { _ in throw MatrixError.notFound("no other network can be reached from here") }
        }
    }
}
