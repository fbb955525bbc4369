import CanonicalJSON
import MatrixClient
import MatrixIdentifiers
import Primitives
import ServerUnderTest
import Testing

/// Somebody with a session that runs.
final class ClientUnderTest: Sendable {
    let session: Session
    let transport: InProcessTransport
    let store: any ClientStore
    private let running: Task<ClientError?, Never>

    static let password = "correct horse battery"

    static func configuration(
        _ server: TestServer, transport: InProcessTransport, store: any ClientStore
    ) -> ClientConfiguration {
        let clock = server.clock
        var configuration = ClientConfiguration(
            homeserver: "https://test", transport: transport, store: store,
            environment: ClientEnvironment(
                now: { clock.now }, random: .system,
                sleep: { duration in
                    // What would take seconds takes a moment here.
                    clock.advance(milliseconds: Int64(duration.components.seconds) * 1000)
                    try await Task.sleep(for: .milliseconds(1))
                }))
        configuration.usesEncryption = usesEncryption
        return configuration
    }

    static let usesEncryption = true

    init(session: Session, transport: InProcessTransport, store: any ClientStore) {
        self.session = session
        self.transport = transport
        self.store = store
        running = Task {
            do throws(ClientError) {
                try await session.run()
                return nil
            } catch {
                return error
            }
        }
    }

    static func signUp(
        _ name: String, on server: TestServer, store: any ClientStore = MemoryStore()
    ) async throws -> ClientUnderTest {
        let transport = InProcessTransport(server)
        let session = try await Session.signUp(
            name, password: password, configuration: configuration(server, transport: transport, store: store))
        let client = ClientUnderTest(session: session, transport: transport, store: store)
        await session.ready()
        return client
    }

    /// Ends the run, as the end of the process would.
    @discardableResult
    func stop() async -> ClientError? {
        running.cancel()
        return await running.value
    }

    /// Waits until the run has ended by itself.
    func ended() async -> ClientError? { await running.value }

    /// The next run of the program with what the store holds.
    func restarted(on server: TestServer, store: (any ClientStore)? = nil) async throws -> ClientUnderTest {
        await stop()
        let transport = InProcessTransport(server)
        let store = store ?? self.store
        let session = try #require(
            try await Session.restore(Self.configuration(server, transport: transport, store: store)))
        return ClientUnderTest(session: session, transport: transport, store: store)
    }

    // MARK: Waiting

    /// The first list of rooms that is as wanted.
    @discardableResult
    func rooms(
        until isWanted: @escaping @Sendable ([RoomSummary]) -> Bool, _ location: SourceLocation = #_sourceLocation
    ) async throws -> [RoomSummary] {
        try await first(session.roomList.updates(), until: isWanted, location)
    }

    @discardableResult
    func timeline(
        _ timeline: Timeline, until isWanted: @escaping @Sendable (TimelineSnapshot) -> Bool,
        _ location: SourceLocation = #_sourceLocation
    ) async throws -> TimelineSnapshot {
        try await first(timeline.updates(), until: isWanted, location)
    }
}

struct TooLate: Error {}

/// The first value that is as wanted; fails after some seconds, with the value that was there then.
func first<Value: Sendable>(
    _ values: AsyncStream<Value>, until isWanted: @escaping @Sendable (Value) -> Bool, _ location: SourceLocation
) async throws -> Value {
    let last = Last<Value>()
    let watchdog = Task {
        try await Task.sleep(for: .seconds(20))
        await last.giveUp()
    }
    defer { watchdog.cancel() }
    let search = Task { @Sendable () -> Value? in
        for await value in values {
            await last.note(value)
            if isWanted(value) { return value }
        }
        return nil
    }
    await last.watch { search.cancel() }
    guard let value = await search.value else {
        Issue.record(
            "waited too long; at last: \(await last.value.map { "\($0)" } ?? "nothing")", sourceLocation: location)
        throw TooLate()
    }
    return value
}

private actor Last<Value: Sendable> {
    var value: Value?
    private var cancel: (@Sendable () -> Void)?

    func note(_ value: Value) { self.value = value }
    func watch(_ cancel: @escaping @Sendable () -> Void) { self.cancel = cancel }
    func giveUp() { cancel?() }
}

extension TimelineSnapshot {
    var bodies: [String] {
        items.compactMap { if case .message(let message) = $0.content { message.body } else { nil } }
    }
}
