import Accounts
import ApplicationServices
import HTTPServing
import Homeserver
import Logging
import MatrixIdentifiers
import OutgoingHTTP
import RateLimiting
import Rooms
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
    /// See ``HomeserverConfiguration/encryptsPrivateRooms``.
    package let encryptsPrivateRooms: Bool
    package let rooms: RoomsConfiguration
    package let presence: Bool
    package let outgoing: OutgoingHTTPConfiguration
    package let turn: TURNConfiguration?
    package let applicationServices: ApplicationServiceTable
    package let support: SupportConfiguration
    package let logLevel: Logger.Level
    package let logFormat: ServerOptions.LogFormat
    package let metricsListener: ListenerText?

    /// - Parameters:
    ///   - storedServerName: the name of the server whose data is in a folder.
    ///   - readFile: the text of a file; nil when it cannot be read.
    /// - Throws: everything that is wrong, each with where it was written.
    package init(
        _ sources: ConfigurationSources, storedServerName: (String) -> ServerName?,
        readFile: (String) -> String? = { _ in nil }
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
        encryptsPrivateRooms = reader.value(ServerOptions.encryptionByDefault) == .private
        rooms = Self.rooms(&reader)
        presence = reader.value(ServerOptions.presence) ?? false
        outgoing = OutgoingHTTPConfiguration(
            allowedRanges: reader.value(ServerOptions.outgoingAllowedRanges) ?? [],
            certificateAuthorities: reader.value(ServerOptions.certificateAuthorities) ?? [])
        turn = Self.turn(&reader)
        applicationServices = Self.applicationServices(&reader, serverName: serverName, readFile: readFile)
        support = Self.support(&reader)
        logLevel = reader.value(ServerOptions.logLevel) ?? .notice
        logFormat = reader.value(ServerOptions.logFormat) ?? .text
        metricsListener = reader.value(ServerOptions.metricsAddress)
        try reader.finish()
    }

    /// Each file is looked at, so that everything that is wrong is told at once.
    private static func applicationServices(
        _ reader: inout ConfigurationReader, serverName: ServerName, readFile: (String) -> String?
    ) -> ApplicationServiceTable {
        var services: [ApplicationService] = []
        for path in reader.value(ServerOptions.applicationServices) ?? [] {
            guard let text = readFile(path) else {
                reader.fault("application-services: '\(path)' cannot be read.")
                continue
            }
            do {
                services.append(try RegistrationFile.service(of: text, path: path, serverName: serverName))
            } catch {
                for fault in error.reasons { reader.fault(fault) }
            }
        }
        do {
            return try ApplicationServiceTable(services)
        } catch {
            reader.fault("application-services: \(error.reason).")
            return .empty
        }
    }

    private static func rooms(_ reader: inout ConfigurationReader) -> RoomsConfiguration {
        let day: Int64 = 24 * 3_600_000
        var rooms = RoomsConfiguration()
        if let days = reader.value(ServerOptions.retentionDays) {
            rooms.retention.defaultMaximumLifetime = Int64(days) * day
        }
        if let days = reader.value(ServerOptions.redactedContentDays) {
            rooms.redactedContentLifetimeMilliseconds = Int64(days) * day
        }
        return rooms
    }

    private static func turn(_ reader: inout ConfigurationReader) -> TURNConfiguration? {
        switch (reader.value(ServerOptions.turnServers), reader.value(ServerOptions.turnSharedSecret)) {
        case (.some(let uris), .some(let secret)): return TURNConfiguration(uris: uris, sharedSecret: secret)
        case (nil, nil): return nil
        default:
            reader.fault("turn-servers and turn-shared-secret belong together; one of them is not there.")
            return nil
        }
    }

    private static func support(_ reader: inout ConfigurationReader) -> SupportConfiguration {
        var support = SupportConfiguration()
        support.page = reader.value(ServerOptions.supportPage)
        if let address = reader.value(ServerOptions.supportEmail) {
            support.contacts = [.init(role: "m.role.admin", matrixID: nil, emailAddress: address)]
        }
        return support
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
        case (.token, _), (nil, .some): return .token(token)
        case (.closed, _): return .closed
        case (nil, nil):
            guard let place = listeners.first(where: { !$0.isLocal }) else { return .open }
            reader.fault(
                """
                \(place.address) can be reached from elsewhere: say who may sign up there, with \
                --registration-token TOKEN, --registration token for tokens of naru admin alone, --registration closed, \
                or --registration open.
                """)
        }
        return .closed
    }
}
