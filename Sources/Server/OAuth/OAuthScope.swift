/// What a client asks for: the whole client-server API on one device.
///
/// https://spec.matrix.org/v1.19/client-server-api/#scope
public struct OAuthScope: Sendable, Equatable {
    /// Older clients write both tokens with the proposal's name (MSC2967).
    private static let prefixes = ["urn:matrix:client:", "urn:matrix:org.matrix.msc2967.client:"]

    public let deviceID: String
    /// The tokens that are granted, as the client has written them.
    public let text: String

    /// - Throws: `invalid_scope` unless there is the one access level that there is, and exactly one device.
    public init(_ text: String) throws(OAuthError) {
        var devices: Set<String> = []
        var hasAccess = false
        var granted: [Substring] = []
        for token in text.split(separator: " ") {
            guard let prefix = Self.prefixes.first(where: { token.hasPrefix($0) }) else { continue }
            let rest = token.dropFirst(prefix.count)
            if rest == "api:*" {
                hasAccess = true
            } else if rest.hasPrefix("device:") {
                devices.insert(String(rest.dropFirst("device:".count)))
            } else {
                continue
            }
            granted.append(token)
        }
        guard hasAccess else { throw OAuthError(.invalidScope, "the scope must hold urn:matrix:client:api:*") }
        guard devices.count == 1, let deviceID = devices.first else {
            throw OAuthError(.invalidScope, "the scope must hold exactly one urn:matrix:client:device:<device_id>")
        }
        guard Self.isAllowed(deviceID) else {
            throw OAuthError(.invalidScope, "a device ID has 1 to 255 characters that OAuth 2.0 allows in scopes")
        }
        self.deviceID = deviceID
        self.text = granted.joined(separator: " ")
    }

    /// https://www.rfc-editor.org/rfc/rfc6749#section-3.3
    private static func isAllowed(_ deviceID: String) -> Bool {
        (1...255).contains(deviceID.utf8.count)
            && deviceID.utf8.allSatisfy { byte in
                byte == 0x21 || (0x23...0x5B).contains(byte) || (0x5D...0x7E).contains(byte)
            }
    }
}
