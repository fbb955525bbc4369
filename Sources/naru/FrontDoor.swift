import ClientServerAPI
import HTTPServing
import Observation

/// Sends each request to the part it is for.
struct FrontDoor: HTTPResponder {
    let api: ClientServerAPI
    let files: StaticFiles?

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        // For whoever watches from outside; the figures are at an address of their own.
        if request.path == "/_naru/health" { return ObservationResponder.healthy }
        if !request.path.hasPrefix("/_matrix/"), let file = files?.respond(to: request) { return file }
        return await api.respond(to: request)
    }

    func respondToOversizedBody(limitBytes: Int) -> HTTPResponse {
        api.respondToOversizedBody(limitBytes: limitBytes)
    }
}
