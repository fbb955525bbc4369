import ApplicationServices
import CanonicalJSON
import MatrixAPI
import OutgoingHTTP

/// Calls one application service, at today's paths and at those of before there were versions.
///
/// https://spec.matrix.org/v1.19/application-service-api/#homeserver---application-service-api
struct ServiceCaller: Sendable {
    /// A path below the service's URL.
    struct Path: Sendable {
        private let current: String
        private let legacy: String?
        private let query: String

        /// - Parameters:
        ///   - segments: of the path after `/_matrix/app/v1`.
        ///   - legacyPrefix: what stood in its place before; nil when there was none.
        ///   - query: percent-encoded; empty for none.
        init(_ segments: String..., legacyPrefix: String? = nil, query: String = "") {
            let path = segments.map { "/" + PercentEncoding.encode($0) }.joined()
            current = "/_matrix/app/v1" + path
            legacy = legacyPrefix.map { $0 + path }
            self.query = query.isEmpty ? "" : "?" + query
        }

        var texts: [String] { [current, legacy].compactMap { $0 }.map { $0 + query } }
    }

    let service: ApplicationService
    let caller: any OutgoingCaller

    /// - Throws: ``OutgoingHTTPError``, also when the service has no URL.
    func call(
        _ method: String, _ path: Path, body: [UInt8] = [], timeout: Duration
    ) async throws(OutgoingHTTPError) -> OutgoingResponse {
        var answer: OutgoingResponse?
        for text in path.texts {
            if let answer, !Self.isUnknownPath(answer) { break }
            answer = try await call(method, text, body: body, timeout: timeout)
        }
        guard let answer else { throw OutgoingHTTPError(.unknownHost, "there is no path to call") }
        return answer
    }

    private func call(
        _ method: String, _ path: String, body: [UInt8], timeout: Duration
    ) async throws(OutgoingHTTPError) -> OutgoingResponse {
        guard let base = service.url?.description, let url = OutgoingURL(Self.trimmed(base) + path) else {
            throw OutgoingHTTPError(.unknownHost, "the application service has no URL")
        }
        var headers = [("Authorization", "Bearer \(service.homeserverToken)")]
        if !body.isEmpty { headers.append(("Content-Type", "application/json")) }
        var request = OutgoingRequest(method: method, url: url, headers: headers, body: body)
        request.timeout = timeout
        return try await caller.send(request)
    }

    private static func trimmed(_ base: String) -> Substring { base.hasSuffix("/") ? base.dropLast() : base[...] }

    /// Whether the service does not know the path, rather than what the path names.
    ///
    /// https://spec.matrix.org/v1.19/application-service-api/#legacy-routes
    private static func isUnknownPath(_ answer: OutgoingResponse) -> Bool {
        guard [404, 405, 500, 501].contains(answer.status) else { return false }
        let code = (try? JSONParser.parse(answer.body))?.objectValue?["errcode"]?.stringValue
        return code == nil || code == "M_UNRECOGNIZED"
    }
}
