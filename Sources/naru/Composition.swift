import Accounts
import Administration
import ClientServerAPI
import Configuration
import DataKeeping
import Foundation
import HTTPServing
import Homeserver
import HomeserverStoreSQLite
import Logging
import Observation
import Rules
import ServerEnvironment

/// Puts the server together: the one place that knows every part.
enum Composition {
    static let environment = ServerEnvironment(
        now: { Int64(Date().timeIntervalSince1970 * 1000) },
        random: { count in
            var generator = SystemRandomNumberGenerator()
            return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        })

    /// Makes a server that is not running yet, and has this process alone use the data folder.
    static func homeserver(_ configuration: ServerConfiguration, logger: Logger) async throws -> Homeserver {
        let folder = try DataFolder(path: configuration.dataFolder)
        try folder.lock()
        try folder.claim(for: configuration.serverName)
        var settings = HomeserverConfiguration(
            accounts: AccountConfiguration(
                serverName: configuration.serverName, registration: configuration.registration))
        settings.rooms = configuration.rooms
        settings.presence = configuration.presence
        settings.outgoing = configuration.outgoing
        settings.encryptsPrivateRooms = configuration.encryptsPrivateRooms
        return try await Homeserver(
            configuration: homeserverConfiguration(configuration), signingKey: try signingKey(in: folder),
            database: try SQLiteDatabase(path: folder.databasePath), environment: environment, logger: logger)
    }

    private static func homeserverConfiguration(_ configuration: ServerConfiguration) -> HomeserverConfiguration {
        var result = HomeserverConfiguration(
            accounts: AccountConfiguration(
                serverName: configuration.serverName, registration: configuration.registration))
        result.accounts.terms = configuration.terms
        result.accounts.applicationServices = configuration.applicationServices
        result.rateLimits = configuration.rateLimits
        result.accounts.registrationSharedSecret = configuration.registrationSharedSecret
        result.defaultRoomVersion = configuration.defaultRoomVersion
        result.adminContact = configuration.adminContact
        result.encryptsPrivateRooms = configuration.encryptsPrivateRooms
        result.rooms = configuration.rooms
        result.presence = configuration.presence
        result.outgoing = configuration.outgoing
        result.turn = configuration.turn
        result.support = configuration.support
        return result
    }

    private static func signingKey(in folder: DataFolder) throws -> SigningKey {
        try folder.signingKey(makeVersion: { String(UInt32.random(in: 0...UInt32.max), radix: 36) })
    }

    static func logger(_ configuration: ServerConfiguration) -> Logger {
        var logger = Logger(label: "naru") { label in
            switch configuration.logFormat {
            case .text: StreamLogHandler.standardError(label: label)
            case .json:
                JSONLogHandler(
                    now: { environment.timestamp }, write: { FileHandle.standardError.write(Data($0)) })
            }
        }
        logger.logLevel = configuration.logLevel
        return logger
    }

    static func serve(_ configuration: ServerConfiguration) async throws {
        let logger = logger(configuration)
        raiseOpenFileLimit()
        Termination.prepare()
        let certificates = try Certificates(
            configuration.listeners + [configuration.metricsListener].compactMap { $0 }, logger: logger)
        let homeserver = try await homeserver(configuration, logger: logger)
        let api = ClientServerAPI(homeserver: homeserver, baseURL: configuration.baseURL, logger: logger)
        let files = try (configuration.webFolder ?? webFolderBesideProgram).map { try StaticFiles(folder: $0) }
        homeserver.start()

        let door = FrontDoor(api: api, files: files)
        let observation = observation(of: homeserver, api: api, configuration)
        let server = try await HTTPServer.start(
            configuration.listeners.map { place in
                HTTPListener(configuration: listener(place, configuration, certificates), responder: door)
            }
                + [configuration.metricsListener].compactMap { $0 }.map { place in
                    var listener = listener(place, configuration, certificates)
                    listener.maximumConnections = maximumObservers
                    return HTTPListener(configuration: listener, responder: observation)
                }
                + [adminListener(homeserver, configuration)])
        let maintenance = Maintenance(homeserver, certificates: certificates)
        maintenance.start()
        announce(server, configuration, hasWebClient: files != nil)

        await Termination.wait()
        maintenance.stop()
        try await server.stop(clock: ContinuousClock())
        try await homeserver.stop()
    }

    /// Connections of those who watch the server.
    private static let maximumObservers = 64

    private static func listener(
        _ place: ListenerText, _ configuration: ServerConfiguration, _ certificates: Certificates
    ) -> HTTPServerConfiguration {
        var listener = HTTPServerConfiguration(
            place: .tcp(address: place.address, port: place.port), tls: certificates.identity(of: place.tls))
        listener.trustedProxies = Set(configuration.trustedProxies)
        return listener
    }

    /// Where `naru admin` finds the running server.
    private static func adminListener(
        _ homeserver: Homeserver, _ configuration: ServerConfiguration
    ) throws -> HTTPListener {
        let folder = try DataFolder(path: configuration.dataFolder)
        var listener = HTTPServerConfiguration(
            place: .unix(path: try LocalSocket.shortPath(to: folder.adminSocketPath)))
        listener.maximumConnections = maximumObservers
        return HTTPListener(
            configuration: listener, responder: AdministrationResponder(Administration(homeserver: homeserver)))
    }

    private static func observation(
        of homeserver: Homeserver, api: ClientServerAPI, _ configuration: ServerConfiguration
    ) -> ObservationResponder {
        let database = configuration.dataFolder + "/" + DataFolder.databaseName
        let metrics = ServerMetrics(
            homeserver: homeserver, api: api, version: Naru.configuration.version,
            databaseByteCounts: { (byteCount(of: database), byteCount(of: database + "-wal")) })
        return ObservationResponder(homeserver: homeserver, metrics: metrics)
    }

    private static func byteCount(of path: String) -> Int64 {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.int64Value ?? 0
    }

    private static func announce(_ server: HTTPServer, _ configuration: ServerConfiguration, hasWebClient: Bool) {
        for (address, place) in zip(server.localAddresses, configuration.listeners) {
            let url =
                (place.tls == nil ? "http://" : "https://")
                + address.replacingOccurrences(of: "127.0.0.1", with: "localhost")
            let line = hasWebClient ? "Naru is open at \(url)" : "Naru serves \(url) (no web client)"
            // Written at once, not when a buffer is full: whoever started the server waits for it.
            FileHandle.standardOutput.write(Data("\(line)\n".utf8))
        }
    }

    /// The folder `web` beside the program, when it is there.
    static var webFolderBesideProgram: String? {
        guard let program = Bundle.main.executableURL else { return nil }
        let folder = program.deletingLastPathComponent().appendingPathComponent("web")
        return FileManager.default.fileExists(atPath: folder.appendingPathComponent("index.html").path)
            ? folder.path : nil
    }

    /// Each connection is an open file; the usual limit of 1,024 is for programs with fewer friends.
    private static func raiseOpenFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
