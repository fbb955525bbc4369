import CanonicalJSON
import HTTPServing
import MatrixClient
import ServerUnderTest
import Synchronization

/// The server itself, without a socket; with a network that a test can cut.
final class InProcessTransport: Transport {
    enum Verdict: Sendable {
        case deliver
        /// The request does not arrive.
        case lose
        /// The request arrives, and the answer does not.
        case loseAnswer
        case answer(TransportResponse)
    }

    private struct State {
        var judge: @Sendable (TransportRequest) -> Verdict = { _ in .deliver }
        var requests: [TransportRequest] = []
    }

    private let server: TestServer
    private let state = Mutex(State())

    init(_ server: TestServer) { self.server = server }

    /// What was sent so far.
    var requests: [TransportRequest] { state.withLock { $0.requests } }

    func requests(containing text: String) -> [TransportRequest] { requests.filter { $0.url.contains(text) } }

    /// Decides about each request from now on.
    func judge(_ judge: @escaping @Sendable (TransportRequest) -> Verdict) { state.withLock { $0.judge = judge } }

    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        let judge = state.withLock { state in
            state.requests.append(request)
            return state.judge
        }
        if Task.isCancelled { throw TransportError(.cancelled, "cancelled") }
        switch judge(request) {
        case .lose: throw TransportError(.unreachable, "the test has cut the network")
        case .answer(let response): return response
        case .loseAnswer:
            _ = await respond(to: request)
            throw TransportError(.broken, "the test has cut the network")
        case .deliver:
            let response = await respond(to: request)
            if Task.isCancelled { throw TransportError(.cancelled, "cancelled") }
            return response
        }
    }

    private func respond(to request: TransportRequest) async -> TransportResponse {
        let target = request.url.dropFirst("https://test".count)
        let parts = target.split(separator: "?", maxSplits: 1)
        let response = await server.api.respond(
            to: HTTPRequest(
                method: request.method, path: String(parts[0]), query: parts.count > 1 ? String(parts[1]) : "",
                headers: request.headers.map { ($0.name, $0.value) }, body: request.body))
        return TransportResponse(status: response.status, headers: response.headers, body: response.body)
    }
}
