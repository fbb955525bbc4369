import CanonicalJSON
import HTTPServing
import Homeserver
import HomeserverStore
import Metrics

/// Answers whoever watches the server: `/metrics`, `/health` and `/ready`.
package struct ObservationResponder: HTTPResponder {
    private let homeserver: Homeserver
    private let metrics: ServerMetrics

    package init(homeserver: Homeserver, metrics: ServerMetrics) {
        self.homeserver = homeserver
        self.metrics = metrics
    }

    package func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard ["GET", "HEAD"].contains(request.method) else { return Self.answer(405, "only GET is understood") }
        switch request.path {
        case "/metrics":
            return HTTPResponse(
                status: 200, headers: [("Content-Type", PrometheusText.contentType)], body: Array(metrics.text.utf8))
        case "/health": return Self.healthy
        case "/ready": return await readiness()
        default: return Self.answer(404, "there are /metrics, /health and /ready")
        }
    }

    package func respondToOversizedBody(limitBytes: Int) -> HTTPResponse { Self.answer(413, "nothing is to be sent") }

    /// The process answers: whoever watches it need not start it anew.
    package static let healthy = answer(200, "ok")

    /// Whether requests can be served: the database can be read, and writes do not pile up.
    private func readiness() async -> HTTPResponse {
        let writes = homeserver.writes
        guard !writes.isStopping else { return Self.answer(503, "the server is stopping") }
        guard writes.pendingCount < WriteQueue.maximumPendingCommands / 2 else {
            return Self.answer(503, "too many writes are waiting")
        }
        do {
            _ = try await homeserver.database.read { try $0.streamPosition() }
        } catch {
            return Self.answer(503, "the database cannot be read")
        }
        return Self.answer(200, "ok")
    }

    private static func answer(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
            body: JSONObject(members: [("status", .string(text))]).bytes())
    }
}
