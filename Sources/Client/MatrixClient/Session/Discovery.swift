import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers

/// Finds where a server answers.
///
/// https://spec.matrix.org/v1.19/client-server-api/#well-known-uris
struct Discovery {
    let transport: any Transport

    private static let maximumWellKnownBytes = 64 << 10

    func baseURL(of server: String) async throws(ClientError) -> String {
        if server.hasPrefix("https://") || server.hasPrefix("http://") { return try await checked(server) }
        guard let name = ServerName(server) else {
            throw ClientError(.invalidRequest, "this is no server's name: \(server.prefix(100))")
        }
        let own = "https://\(name.string)"
        let call = ServerCaller.Call(
            method: "GET", target: Endpoint.getWellknown.path, maximumResponseBytes: Self.maximumWellKnownBytes)
        let response = try await ServerCaller(transport: transport, homeserver: own).send(call, token: nil)
        guard response.status != 404 else { return try await checked(own) }
        let json = try ServerCaller.json(response)
        guard let url = json["m.homeserver"]?["base_url"]?.stringValue,
            url.hasPrefix("https://") || url.hasPrefix("http://")
        else { throw ClientError(.brokenAnswer, "\(name) does not say where its homeserver is") }
        return try await checked(url)
    }

    /// Somebody at the address must speak Matrix.
    private func checked(_ url: String) async throws(ClientError) -> String {
        var url = url
        while url.hasSuffix("/") { url.removeLast() }
        let call = ServerCaller.Call(method: "GET", target: Endpoint.getVersions.path)
        let response = try await ServerCaller(transport: transport, homeserver: url).send(call, token: nil)
        guard response.status == 200, ServerCaller.object(response.body)?["versions"]?.arrayValue != nil else {
            throw ClientError(.unsupported, "there is no Matrix homeserver at \(url)")
        }
        return url
    }
}
