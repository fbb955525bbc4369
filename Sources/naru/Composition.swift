import Accounts
import ArgumentParser
import ClientServerAPI
import Foundation
import HTTPServing
import Homeserver
import HomeserverStoreSQLite
import Logging
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
        var accounts = AccountConfiguration(
            serverName: configuration.serverName, registration: configuration.registration)
        accounts.terms = configuration.terms
        return try await Homeserver(
            configuration: HomeserverConfiguration(accounts: accounts, rateLimits: configuration.rateLimits),
            signingKey: try folder.signingKey(), database: try SQLiteDatabase(path: folder.databasePath),
            environment: environment, logger: logger)
    }

    static func serve(_ configuration: ServerConfiguration) async throws {
        var logger = Logger(label: "naru") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = configuration.logLevel
        raiseOpenFileLimit()
        Termination.prepare()
        let homeserver = try await homeserver(configuration, logger: logger)
        let api = ClientServerAPI(homeserver: homeserver, baseURL: configuration.baseURL, logger: logger)
        let files = try configuration.webFolder.map { try StaticFiles(folder: $0) }
        homeserver.start()

        let server = try await listen(configuration, responder: FrontDoor(api: api, files: files))
        let maintenance = Maintenance(homeserver)
        maintenance.start()
        announce(server, hasWebClient: files != nil)

        await Termination.wait()
        maintenance.stop()
        try await server.stop(clock: ContinuousClock())
        try await homeserver.stop()
    }

    private static func listen(
        _ configuration: ServerConfiguration, responder: any HTTPResponder
    ) async throws -> HTTPServer {
        do {
            return try await HTTPServer.start(
                configuration: HTTPServerConfiguration(address: configuration.address, port: configuration.port),
                responder: responder)
        } catch {
            throw ValidationError(
                "--address \(configuration.address) --port \(configuration.port): cannot listen there: \(error)")
        }
    }

    private static func announce(_ server: HTTPServer, hasWebClient: Bool) {
        let address = server.localAddress.replacingOccurrences(of: "127.0.0.1", with: "localhost")
        let line = hasWebClient ? "Naru is open at http://\(address)" : "Naru serves http://\(address) (no web client)"
        // Written at once, not when a buffer is full: whoever started the server waits for it.
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }

    /// Each connection is an open file; the usual limit of 1,024 is for programs with fewer friends.
    private static func raiseOpenFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// Sends each request to the part it is for.
struct FrontDoor: HTTPResponder {
    let api: ClientServerAPI
    let files: StaticFiles?

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        if !request.path.hasPrefix("/_matrix/"), let file = files?.respond(to: request) { return file }
        return await api.respond(to: request)
    }

    func respondToOversizedBody(limitBytes: Int) -> HTTPResponse {
        api.respondToOversizedBody(limitBytes: limitBytes)
    }
}
