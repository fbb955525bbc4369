import CanonicalJSON
import MatrixIdentifiers

/// Everything a session knows, behind one actor: what it decides is durable before anybody sees it.
actor Engine {
    nonisolated let credentials: Credentials
    let configuration: ClientConfiguration

    init(credentials: Credentials, configuration: ClientConfiguration) {
        self.credentials = credentials
        self.configuration = configuration
    }
}
