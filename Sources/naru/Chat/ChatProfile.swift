import CanonicalJSON
import ClientStoreSQLite
import Foundation
import MatrixClient
import Terminal

/// An account's folder, held by this process alone.
final class ChatProfile {
    let phrases: Phrases
    let latency: LatencyMeter
    private let location: ProfileLocation
    private let transport: MeasuringTransport
    private let lock: Int32
    private var openStore: SQLiteClientStore?

    /// - Throws: ``ChatFailure`` when the folder cannot be made, or another process holds it.
    init(_ location: ProfileLocation, phrases: Phrases, certificateAuthorities: [String]) throws {
        self.location = location
        self.phrases = phrases
        latency = LatencyMeter()
        transport = MeasuringTransport(
            try HTTPTransport(certificateAuthorities: certificateAuthorities), meter: latency)
        try Self.makeFolder(location.folder)
        lock = open(location.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw ChatFailure("\(location.lock): \(String(cString: strerror(errno)))") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw ChatFailure(phrases(.profileBusy))
        }
    }

    deinit { close(lock) }

    /// Makes the folder for its owner alone, and closes one that has been opened to others.
    private static func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        } catch {
            throw ChatFailure("\(path): \(error.localizedDescription)")
        }
    }

    // MARK: The session

    /// The server that the profile is for, nil before somebody has signed in.
    var homeserver: String? {
        guard let data = FileManager.default.contents(atPath: location.settings),
            let settings = try? JSONParser.parse(Array(data)).objectValue
        else { return nil }
        return settings["homeserver"]?.stringValue
    }

    /// Finds where a server answers; a name without a scheme may be one or an address.
    func discover(_ server: String) async throws -> String {
        try await Session.discover(server, transport: transport)
    }

    /// - Parameter homeserver: what ``discover(_:)`` has found.
    func configuration(homeserver: String) throws -> ClientConfiguration {
        let store = try openStore ?? SQLiteClientStore(path: location.store, key: .keyFile(path: location.key))
        openStore = store
        let name = ProcessInfo.processInfo.hostName
        return ClientConfiguration(
            homeserver: homeserver, transport: transport, store: store,
            deviceName: name.isEmpty ? "naru chat" : "naru chat (\(name))")
    }

    /// Keeps the server's address for the next time.
    func keep(homeserver: String) throws {
        let settings: JSONObject = ["homeserver": .string(homeserver)]
        let url = URL(fileURLWithPath: location.settings)
        try Data(settings.bytes()).write(to: url, options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: location.settings)
    }

    /// Who is signed in; nil when nobody is.
    func session() async throws -> Session? {
        guard let homeserver else { return nil }
        return try await Session.restore(try configuration(homeserver: homeserver))
    }

    /// The same, or a failure that says what to do.
    func requireSession() async throws -> Session {
        guard let session = try await session() else { throw ChatFailure(phrases(.notSignedIn)) }
        return session
    }

    /// Deletes what is kept, after signing out.
    func erase() {
        openStore = nil
        for path in [location.store, "\(location.store)-wal", "\(location.store)-shm", location.key, location.settings]
        {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// Asks the server for something small, so that ``latency`` is that of now.
    func measurement() -> @Sendable () async -> Void {
        let (transport, homeserver) = (transport, homeserver)
        return {
            guard let homeserver else { return }
            let request = TransportRequest(
                method: "GET", url: "\(homeserver)/_matrix/client/versions", timeout: .seconds(20))
            _ = try? await transport.send(request)
        }
    }
}
