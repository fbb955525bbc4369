import ApplicationServices
import Bridging
import CanonicalJSON
import MatrixAPI
import MatrixClientAPI

/// What only application services may ask.
///
/// https://spec.matrix.org/v1.19/application-service-api/#client-server-api-extensions
struct AppserviceRoutes: Routes {
    let bridging: BridgingService

    func register(on table: inout RouteTable) {
        table.on(.pingAppservice, use: ping)
        table.on(.updateAppserviceRoomDirectoryVisibility, use: updateVisibility)
    }

    private func ping(_ call: Call) async throws -> Reply {
        let transactionID = try call.bodyOrEmpty().optionalString("transaction_id")
        let service = try service(call)
        guard utf8Equal(service.id, call.parameters["appserviceId"]) else {
            throw MatrixError.forbidden("this is the id of another application service")
        }
        let duration = try await bridging.ping(service, transactionID: transactionID)
        return .json(["duration_ms": .integer(duration)])
    }

    private func updateVisibility(_ call: Call) async throws -> Reply {
        let isListed: Bool
        switch try call.body().string("visibility") {
        case "public": isListed = true
        case "private": isListed = false
        default: throw MatrixError.invalidParameter("'visibility' must be public or private")
        }
        let service = try service(call)
        try await bridging.setListed(isListed, call.roomID(), network: call.parameters["networkId"], by: service)
        return .empty
    }

    private func service(_ call: Call) throws(MatrixError) -> ApplicationService {
        guard let service = call.applicationService else {
            throw .forbidden("this is for application services")
        }
        return service
    }
}
