import Accounts
import HTTPServing
import Logging
import MatrixIdentifiers
import RateLimiting
import Rules

/// What the server runs with, checked.
package struct ServerConfiguration: Sendable {
    package let serverName: ServerName
    package let baseURL: String?
    package let listeners: [ListenerText]
    package let trustedProxies: [String]
    package let dataFolder: String
    /// Nil: the one beside the program, when it is there.
    package let webFolder: String?
    package let registration: AccountConfiguration.Registration
    package let registrationSharedSecret: String?
    /// Nil: everybody may ask as much as he likes.
    package let rateLimits: RateLimits?
    package let terms: AccountConfiguration.TermsOfUse?
    package let adminContact: String?
    package let defaultRoomVersion: RoomVersionRules
    package let logLevel: Logger.Level
    package let logFormat: ServerOptions.LogFormat
    package let metricsListener: ListenerText?

    /// - Parameter storedServerName: the name of the server whose data is in a folder.
    /// - Throws: everything that is wrong, each with where it was written.
    package init(
        _ sources: ConfigurationSources, storedServerName: (String) -> ServerName?
    ) throws(ConfigurationFaults) {
        var reader = ConfigurationReader(sources)
        dataFolder = reader.value(ServerOptions.data) ?? "data"
        serverName =
            reader.value(ServerOptions.serverName) ?? storedServerName(dataFolder) ?? ServerName("localhost")!
        baseURL = reader.value(ServerOptions.baseURL)
        webFolder = reader.value(ServerOptions.web)
        adminContact = reader.value(ServerOptions.adminContact)
        listeners = Self.listeners(&reader)
        trustedProxies = reader.value(ServerOptions.trustedProxies) ?? ["127.0.0.1", "::1"]
        registration = Self.registration(&reader, listeners: listeners)
        registrationSharedSecret = reader.value(ServerOptions.registrationSharedSecret)
        rateLimits = reader.value(ServerOptions.rateLimits) ?? true ? .standard : nil
        terms = reader.value(ServerOptions.termsURL).map { .init(version: "1", url: $0) }
        defaultRoomVersion = reader.value(ServerOptions.defaultRoomVersion) ?? .default
        logLevel = reader.value(ServerOptions.logLevel) ?? .notice
        logFormat = reader.value(ServerOptions.logFormat) ?? .text
        metricsListener = reader.value(ServerOptions.metricsAddress)
        try reader.finish()
    }

    /// `listen`, or the one that `address` and `port` name. When both are given, the nearer place counts: a port on
    /// the command line overrides the listeners of the file.
    private static func listeners(_ reader: inout ConfigurationReader) -> [ListenerText] {
        let listen = reader.value(ServerOptions.listen)
        let address = reader.value(ServerOptions.address)
        let port = reader.value(ServerOptions.port)
        let single = [reader.origin(of: ServerOptions.address), reader.origin(of: ServerOptions.port)]
            .compactMap { $0?.distance }.min()
        if let listen, let origin = reader.origin(of: ServerOptions.listen) {
            if single == origin.distance {
                reader.fault("listen and address or port are both given (\(origin)); say it with listen alone.")
            }
            if single.map({ $0 > origin.distance }) ?? true { return listen }
        }
        return [ListenerText(address: address ?? "127.0.0.1", port: port ?? 8008)]
    }

    /// On this machine alone anybody may sign up; whoever listens more widely must say who may.
    private static func registration(
        _ reader: inout ConfigurationReader, listeners: [ListenerText]
    ) -> AccountConfiguration.Registration {
        let mode = reader.value(ServerOptions.registration)
        let token = reader.value(ServerOptions.registrationToken)
        switch (mode, token) {
        case (.open, _): return .open
        case (.token, .some(let token)), (nil, .some(let token)): return .token(token)
        case (.token, nil): reader.fault("registration: token needs a token too, --registration-token TOKEN.")
        case (.closed, _): return .closed
        case (nil, nil):
            guard let place = listeners.first(where: { !$0.isLocal }) else { return .open }
            reader.fault(
                """
                \(place.address) can be reached from elsewhere: say who may sign up there, with \
                --registration-token TOKEN, or --registration closed, or --registration open.
                """)
        }
        return .closed
    }
}
