import HTTPServing
import MatrixIdentifiers

/// Where this server is on the web, without a slash at the end.
enum BaseURL {
    /// What the operator has configured; otherwise what the client has used, if that can be an address at all.
    ///
    /// The header is taken from whoever asks and shown to nobody else, so a wrong one misleads only its sender.
    static func of(_ request: HTTPRequest, configured: String?) -> String? {
        if let configured { return configured.hasSuffix("/") ? String(configured.dropLast()) : configured }
        // A server name has the grammar of an HTTP host: a name or an address, perhaps with a port.
        guard let host = request.header("host"), ServerName(host) != nil else { return nil }
        return (isSecure(request) ? "https://" : "http://") + host
    }

    /// Whether the proxy on this machine says that the browser speaks TLS with it.
    private static func isSecure(_ request: HTTPRequest) -> Bool {
        ["127.0.0.1", "::1"].contains(request.remoteAddress)
            && request.header("x-forwarded-proto")?.lowercased() == "https"
    }
}
