import Bridging
import CanonicalJSON
import MatrixAPI
import MatrixClientAPI

/// Other networks, as the application services that lead there know them.
struct ThirdPartyLookupRoutes: Routes {
    let bridging: BridgingService

    func register(on table: inout RouteTable) {
        table.on(.getProtocols) { _ in .json(await bridging.protocols()) }
        table.on(.getProtocolMetadata) { call in
            guard let metadata = await bridging.metadata(of: call.parameters["protocol"]) else { throw Self.unknown }
            return .json(metadata)
        }
        table.on(.queryLocationByProtocol) { call in try await found("location", call.parameters["protocol"], call) }
        table.on(.queryUserByProtocol) { call in try await found("user", call.parameters["protocol"], call) }
        table.on(.queryLocationByAlias) { call in try await found("location", nil, call) }
        table.on(.queryUserByID) { call in try await found("user", nil, call) }
    }

    private static let unknown = MatrixError.notFound("no such network can be reached from here")

    private func found(_ kind: String, _ name: String?, _ call: Call) async throws -> Reply {
        let found = await bridging.found(kind, of: name, query: call.queryWithoutToken)
        guard !found.isEmpty else { throw MatrixError.notFound("nothing of that kind was found") }
        return .bytes(JSONValue.array(found).bytes())
    }
}

extension Call {
    /// The query as it was written, without what tells who asks.
    var queryWithoutToken: String {
        request.query.split(separator: "&").filter { !$0.hasPrefix("access_token=") }.joined(separator: "&")
    }
}
