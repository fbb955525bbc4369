import OutgoingHTTP

/// HTTP/1.1 over TCP and TLS with connections that are kept for the next request.
public final class HTTPTransport: Transport {
    private let client: OutgoingHTTPClient

    /// - Parameter certificateAuthorities: PEM files with authorities that are trusted besides those of the system.
    /// - Throws: when such a file cannot be read.
    public init(certificateAuthorities: [String] = []) throws(ClientError) {
        var configuration = OutgoingHTTPConfiguration(certificateAuthorities: certificateAuthorities)
        // The person names the server, and it may well stand in the same house.
        configuration.allowsAnyAddress = true
        configuration.keepsConnections = true
        do {
            client = try OutgoingHTTPClient(configuration: configuration)
        } catch {
            throw ClientError(.invalidRequest, "a file with certificate authorities cannot be read: \(error)")
        }
    }

    public func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        guard let url = OutgoingURL(request.url) else {
            throw TransportError(.invalid, "this is no address of a server: \(request.url.prefix(200))")
        }
        var outgoing = OutgoingRequest(
            method: request.method, url: url, headers: request.headers, body: request.body)
        outgoing.timeout = request.timeout
        outgoing.maximumResponseBytes = request.maximumResponseBytes
        do {
            let response = try await client.send(outgoing)
            return TransportResponse(status: response.status, headers: response.headers, body: response.body)
        } catch {
            throw TransportError(Self.code(error.code), error.reason)
        }
    }

    private static func code(_ code: OutgoingHTTPError.Code) -> TransportError.Code {
        switch code {
        case .unknownHost, .cannotConnect: .unreachable
        case .timedOut, .brokenResponse: .broken
        case .untrusted: .untrusted
        case .addressRefused, .responseTooLarge: .invalid
        case .cancelled: .cancelled
        }
    }
}
