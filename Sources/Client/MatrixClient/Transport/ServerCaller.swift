import CanonicalJSON
import MatrixAPI

/// Calls the homeserver's operations, and says what its answers mean.
struct ServerCaller: Sendable {
    let transport: any Transport
    /// Without a slash at the end.
    let homeserver: String

    struct Call: Sendable {
        var method: String
        /// Path and query, percent-encoded.
        var target: String
        var body: [UInt8] = []
        var contentType = "application/json"
        var timeout: Duration = .seconds(30)
        var maximumResponseBytes = 32 << 20
    }

    /// - Throws: when there is no answer; every answer is one here, whatever its status.
    func send(_ call: Call, token: String?) async throws(ClientError) -> TransportResponse {
        var request = TransportRequest(
            method: call.method, url: homeserver + call.target, body: call.body, timeout: call.timeout,
            maximumResponseBytes: call.maximumResponseBytes)
        if !call.body.isEmpty { request.headers.append(("Content-Type", call.contentType)) }
        if let token { request.headers.append(("Authorization", "Bearer \(token)")) }
        do {
            return try await transport.send(request)
        } catch {
            throw Self.error(error)
        }
    }

    private static func error(_ error: TransportError) -> ClientError {
        switch error.code {
        case .unreachable, .broken: ClientError(.offline, error.reason)
        // Whoever stands between us and the server may be gone the next time: never a reason to give up for good.
        case .untrusted: ClientError(.offline, error.reason)
        case .invalid: ClientError(.invalidRequest, error.reason)
        case .cancelled: ClientError(.cancelled, error.reason)
        }
    }

    /// The body of a 200.
    static func json(_ response: TransportResponse) throws(ClientError) -> JSONObject {
        guard (200..<300).contains(response.status) else { throw refusal(response) }
        guard let json = object(response.body) else {
            throw ClientError(.brokenAnswer, "the server's answer is no JSON object")
        }
        return json
    }

    static func object(_ body: [UInt8]) -> JSONObject? {
        do {
            return try JSONParser.parse(body).objectValue
        } catch {
            return nil
        }
    }

    /// What an answer with an error says.
    static func refusal(_ response: TransportResponse) -> ClientError {
        let json = object(response.body) ?? [:]
        let code = json["errcode"]?.stringValue
        let reason = json["error"]?.stringValue ?? "the server answered \(response.status)"
        switch (response.status, code.flatMap(ErrorCode.init)) {
        case (429, _), (_, .limitExceeded):
            return ClientError(
                .limited(retryAfterMilliseconds: json["retry_after_ms"]?.integerValue ?? retryAfter(response)), reason)
        case (_, .unknownToken), (_, .missingToken):
            return ClientError(.signedOut(isSoft: json["soft_logout"]?.boolValue ?? false), reason)
        case (500..., _): return ClientError(.serverFailed, reason)
        case (404, .unrecognized), (405, _),
            (404, nil) where code == nil:
            return ClientError(.unsupported, reason)
        default:
            // An answer without a code is not from a homeserver but from something before it.
            guard let code else { return ClientError(.serverFailed, reason) }
            return ClientError(.refused(errorCode: code), reason)
        }
    }

    /// https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3, in seconds.
    private static func retryAfter(_ response: TransportResponse) -> Int64? {
        for header in response.headers where header.name.lowercased() == "retry-after" {
            return Int64(header.value).map { max(0, min($0, 86_400)) * 1000 }
        }
        return nil
    }
}

extension Endpoint {
    /// The path with its variables filled in, and the query.
    func target(_ parameters: [String: String], query: [(String, String)] = []) -> String {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return String(segment) }
            return PercentEncoding.encode(parameters[String(segment.dropFirst().dropLast())] ?? "")
        }
        let text = query.map { PercentEncoding.encode($0.0) + "=" + PercentEncoding.encode($0.1) }
            .joined(separator: "&")
        return segments.joined(separator: "/") + (text.isEmpty ? "" : "?" + text)
    }
}
