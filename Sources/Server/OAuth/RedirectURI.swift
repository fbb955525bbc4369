import Foundation

/// Where the browser goes back to, as a client has registered it.
///
/// https://spec.matrix.org/v1.19/client-server-api/#redirect-uri-validation
struct RedirectURI: Sendable, Equatable {
    enum Kind: Sendable {
        case web
        case privateScheme
        case loopback
    }

    let text: String
    let kind: Kind

    /// - Parameter clientHost: of the client's URI, the base of all its addresses.
    /// - Throws: `invalid_redirect_uri`.
    init(_ text: String, clientHost: String, applicationType: ApplicationType) throws(OAuthError) {
        guard let components = WebURI.components(of: text), let scheme = components.scheme?.lowercased() else {
            throw OAuthError(.invalidRedirectURI, "'\(text.prefix(100))' is not a URI")
        }
        guard components.fragment == nil else {
            throw OAuthError(.invalidRedirectURI, "a redirect URI has no fragment")
        }
        self.text = text
        switch (scheme, applicationType) {
        case ("https", _):
            guard let uri = WebURI(text), uri.isWithin(clientHost) else {
                throw OAuthError(.invalidRedirectURI, "'\(text.prefix(100))' is not within the host of client_uri")
            }
            kind = .web
        case ("http", .native):
            guard let host = components.host, Self.isLoopback(host), components.port == nil, components.user == nil
            else {
                throw OAuthError(
                    .invalidRedirectURI, "with http, the host is localhost, 127.0.0.1 or [::1], and there is no port")
            }
            kind = .loopback
        case (_, .native) where scheme != "http":
            let reversed = clientHost.split(separator: ".").reversed().joined(separator: ".")
            guard scheme == reversed || scheme.hasPrefix(reversed + ".") else {
                throw OAuthError(
                    .invalidRedirectURI,
                    "a scheme of one's own begins with the reversed host of client_uri, \(reversed)")
            }
            guard components.host == nil, !text.dropFirst(scheme.count + 1).hasPrefix("//") else {
                throw OAuthError(.invalidRedirectURI, "behind a scheme of one's own there is no host")
            }
            kind = .privateScheme
        default:
            throw OAuthError(.invalidRedirectURI, "a web client's redirect URI begins with https://")
        }
    }

    static func isLoopback(_ host: String) -> Bool { ["localhost", "127.0.0.1", "[::1]", "::1"].contains(host) }

    /// Whether an authorisation request may name `other`: the same, byte for byte, but that a program on the user's
    /// machine listens on whatever port it gets.
    func allows(_ other: String) -> Bool {
        if text.utf8.elementsEqual(other.utf8) { return true }
        guard kind == .loopback, var components = WebURI.components(of: other), components.user == nil else {
            return false
        }
        components.port = nil
        return components.string.map { $0.utf8.elementsEqual(text.utf8) } ?? false
    }
}

/// A client's address on the web.
struct WebURI {
    let host: String

    /// Nil for what is not `https`, has a user or a password in it, or no host.
    init?(_ text: String) {
        guard let components = Self.components(of: text), components.scheme?.lowercased() == "https",
            components.user == nil, components.password == nil, let host = components.host, !host.isEmpty
        else { return nil }
        self.host = host.lowercased()
    }

    /// Whether this is on that host or on a subdomain of it.
    func isWithin(_ other: String) -> Bool { host == other || host.hasSuffix("." + other) }

    private static let maximumBytes = 2_000

    /// Nil for what is no URI: in particular nothing that could end a header or a line of one.
    static func components(of text: String) -> URLComponents? {
        guard text.utf8.count <= maximumBytes, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return URLComponents(string: text, encodingInvalidCharacters: false)
    }
}

/// https://spec.matrix.org/v1.19/client-server-api/#client-metadata
enum ApplicationType: String, Sendable {
    case web
    case native
}
