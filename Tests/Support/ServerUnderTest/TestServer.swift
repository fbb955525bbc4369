import Accounts
import CanonicalJSON
import ClientServerAPI
import EndToEnd
import Homeserver
import HomeserverStore
import HomeserverStoreSQLite
import Logging
import MatrixIdentifiers
import OutgoingHTTP
import Push
import RateLimiting
import Rooms
import Rules
import ServerEnvironment
import Sync

/// All services of a server, on a database in a temporary folder, with a clock that stands still.
public final class TestServer: Sendable {
    public static let name = ServerName("test")!
    public static let signingKey = SigningKey.generate(version: "1")

    public let folder: TemporaryFolder
    public let clock: ManualClock
    public let environment: ServerEnvironment
    public let homeserver: Homeserver
    /// How often the database has been read.
    public let reads: Counter
    public let api: ClientServerAPI
    private let configure: @Sendable (inout HomeserverConfiguration) -> Void
    private let caller: (any OutgoingCaller)?

    public var database: any HomeserverDatabase { homeserver.database }
    public var writes: WriteQueue { homeserver.writes }
    public var accounts: AccountService { homeserver.accounts }
    public var rooms: RoomService { homeserver.rooms }
    public var endToEnd: EndToEndService { homeserver.endToEnd }
    public var sync: SyncService { homeserver.sync }
    public var push: PushService { homeserver.push }

    public init(
        folder: TemporaryFolder, clock: ManualClock, environment: ServerEnvironment,
        registration: AccountConfiguration.Registration = .open,
        configure: @escaping @Sendable (inout HomeserverConfiguration) -> Void = { _ in },
        caller: (any OutgoingCaller)? = nil
    ) async throws {
        self.configure = configure
        self.caller = caller
        self.folder = folder
        self.clock = clock
        self.environment = environment
        var logger = Logger(label: "test") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        let database = CountingDatabase(try SQLiteDatabase(path: folder.file("naru.sqlite")))
        reads = database.reads
        var configuration = HomeserverConfiguration(
            accounts: AccountConfiguration(serverName: Self.name, registration: registration))
        configure(&configuration)
        homeserver = try await Homeserver(
            configuration: configuration, signingKey: Self.signingKey,
            database: database, environment: environment, caller: caller, logger: logger)
        api = ClientServerAPI(homeserver: homeserver, baseURL: nil, logger: logger)
        homeserver.start()
    }

    /// Runs `body` with a fresh server, and stops the server after it.
    public static func run<Value>(
        seed: UInt64 = 1, registration: AccountConfiguration.Registration = .open,
        terms: AccountConfiguration.TermsOfUse? = nil, rateLimits: RateLimits? = nil,
        configure: @escaping @Sendable (inout HomeserverConfiguration) -> Void = { _ in },
        caller: (any OutgoingCaller)? = nil, _ body: (TestServer) async throws -> Value
    ) async throws -> Value {
        let clock = ManualClock()
        let server = try await TestServer(
            folder: TemporaryFolder(), clock: clock, environment: .manual(clock, seed: seed),
            registration: registration,
            configure: { configuration in
                configuration.accounts.terms = terms
                configuration.rateLimits = rateLimits
                configure(&configuration)
            }, caller: caller)
        do {
            let value = try await body(server)
            try await server.stop()
            return value
        } catch {
            try await server.stop()
            throw error
        }
    }

    /// The services anew on what is stored, as after a restart. This server stays usable beside it for reading.
    public func reopened() async throws -> TestServer {
        try await TestServer(
            folder: folder, clock: clock, environment: environment, configure: configure, caller: caller)
    }

    /// Runs `body` with the services of the next run of the server, while this one writes nothing.
    public func afterRestart<Value>(_ body: (TestServer) async throws -> Value) async throws -> Value {
        let next = try await reopened()
        do {
            let value = try await body(next)
            try await next.stop()
            return value
        } catch {
            try await next.stop()
            throw error
        }
    }

    public func stop() async throws { try await homeserver.abandon() }
}

/// A user who is signed in on one device.
public struct TestUser: Sendable {
    public let userID: UserID
    public let deviceID: String
    public let device: DeviceNumber
    public let accessToken: String

    public var sender: RoomService.Sender { RoomService.Sender(userID: userID, device: device) }
}

extension TestServer {
    /// A new user, or a further device of one; without the time that hashing a password takes.
    public func user(_ localpart: String, device: String? = nil) async throws -> TestUser {
        let userID = UserID("@\(localpart):\(Self.name)")!
        let now = environment.timestamp
        try await writes.submit { context in
            guard try context.store.account(userID) == nil else { return }
            try context.store.insertAccount(AccountRecord(userID: userID, passwordHash: nil, createdAt: now))
        }
        let credentials = try await accounts.signIn(
            userID, device: .init(deviceID: device, displayName: nil, wantsRefreshToken: false))
        let session = try await accounts.session(accessToken: credentials.accessToken, remoteAddress: "127.0.0.1")
        return TestUser(
            userID: userID, deviceID: credentials.deviceID, device: session.device,
            accessToken: credentials.accessToken)
    }

    public func users(_ localparts: String...) async throws -> [TestUser] {
        var users: [TestUser] = []
        for localpart in localparts { users.append(try await user(localpart)) }
        return users
    }

    /// A room made by the first of the users, in which all of them are.
    public func room(
        of users: [TestUser], version: RoomVersionRules = .default, visibility: String = "shared"
    ) async throws -> RoomID {
        // Two rooms of version 12 that one user makes in the same millisecond would be the same.
        clock.advance(milliseconds: 1)
        var creation = RoomCreation()
        creation.version = version
        creation.preset = .publicChat
        if visibility != "shared" {
            creation.initialState = [
                .init(
                    type: "m.room.history_visibility", stateKey: "",
                    content: ["history_visibility": .string(visibility)])
            ]
        }
        let roomID = try await rooms.create(creation, creator: users[0].userID)
        for user in users.dropFirst() { try await rooms.join(roomID, userID: user.userID, reason: nil) }
        return roomID
    }

    /// Sends a text message; without a transaction each text is sent once.
    @discardableResult
    public func say(
        _ text: String, as user: TestUser, in roomID: RoomID, transaction: String? = nil
    ) async throws -> EventID {
        try await rooms.send(
            "m.room.message", content: ["msgtype": "m.text", "body": .string(text)], to: roomID,
            transactionID: transaction ?? text, sender: user.sender)
    }

    /// Submits the operations one after the other while the writer is held up, so that what they write falls into one
    /// transaction.
    public func inOneBatch<Value: Sendable>(
        _ operations: [@Sendable () async throws -> Value]
    ) async throws -> [Result<Value, any Error>] {
        let gate = Gate()
        let blocker = Task { [writes] in try await writes.submit { _ in gate.wait() } }
        await gate.waitUntilReached()
        var tasks: [Task<Value, any Error>] = []
        let finished = Counter()
        for operation in operations {
            tasks.append(
                Task {
                    defer { finished.increase() }
                    return try await operation()
                })
            // One that is refused at once submits nothing.
            while writes.pendingCount + finished.value < tasks.count { await Task.yield() }
        }
        gate.open()
        try await blocker.value
        var results: [Result<Value, any Error>] = []
        for task in tasks { results.append(await task.result) }
        return results
    }
}
