import CanonicalJSON
import Crypto
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rules
import ServerEnvironment
import Synchronization

/// The only writer of events: rooms, who is in them, and what is said there.
public final class RoomService: Sendable {
    public let serverName: ServerName
    public let typing: TypingTracker
    public let presence: PresenceTracker
    public let configuration: RoomsConfiguration
    public let erasedUsers: ErasedUsers
    let defaultVersion: RoomVersionRules
    let encryptsPrivateRooms: Bool
    let database: any HomeserverDatabase
    let writes: WriteQueue
    let environment: ServerEnvironment
    let registry: RoomRegistry
    let pipeline: EventPipeline
    /// The room after which deleting by age goes on.
    let retentionCursor = Atomic<Int64>(0)
    /// Whether something has been erased that may still stand in the database's log.
    let hasErased = Atomic(false)
    let backlogs = RoomBacklogs()
    let entityProvider = Mutex<(any EntityProvider)?>(nil)

    /// - Parameter encryptsPrivateRooms: see ``RoomCreation/encryptsPrivateRooms``; and whether rooms of ours keep their
    ///   encryption.
    public init(
        serverName: ServerName, signingKey: SigningKey, defaultVersion: RoomVersionRules = .default,
        encryptsPrivateRooms: Bool = false, configuration: RoomsConfiguration = RoomsConfiguration(),
        isPresenceEnabled: Bool = false, database: any HomeserverDatabase, writes: WriteQueue,
        environment: ServerEnvironment, erasedUsers: ErasedUsers = ErasedUsers([:])
    ) {
        self.serverName = serverName
        self.defaultVersion = defaultVersion
        self.encryptsPrivateRooms = encryptsPrivateRooms
        self.database = database
        self.writes = writes
        self.environment = environment
        self.configuration = configuration
        self.erasedUsers = erasedUsers
        typing = TypingTracker(environment: environment)
        presence = PresenceTracker(isEnabled: isPresenceEnabled, environment: environment)
        registry = RoomRegistry(database: database, environment: environment)
        pipeline = EventPipeline(
            serverName: serverName, builder: EventBuilder(serverName: serverName, key: signingKey),
            environment: environment, redactedContentLifetime: configuration.redactedContentLifetimeMilliseconds)
    }

    /// Events that are sent later. One of them for each server.
    public func makeDelayedEvents() -> DelayedEventService { DelayedEventService(rooms: self) }

    /// Everything up to here can be read.
    public var position: StreamPosition { writes.publishedPosition }

    /// Lets go of rooms that nobody uses, when they take too much memory. Called now and then.
    public func evictUnusedRooms() async throws {
        try await writes.submit(savepoint: false) { [registry] context in registry.evictUnused(in: context) }
    }

    /// The rooms in memory, and about how many bytes they take.
    public var roomsInMemory: (count: Int, byteCount: Int) { registry.size }

    static let notInRoom = MatrixError.forbidden("you are not in this room")

    /// The room, when it exists here.
    public func room(_ roomID: RoomID) async throws -> Room {
        guard let room = try await registry.room(roomID) else { throw MatrixError.notFound("there is no such room") }
        return room
    }

    public func room(_ number: RoomNumber) async throws -> Room {
        guard let room = try await registry.room(number) else { throw MatrixError.notFound("there is no such room") }
        return room
    }

    /// Loads rooms that somebody is about to read, all in one go.
    public func load(_ numbers: [RoomNumber]) async throws { try await registry.load(numbers) }

    /// The room, when the user is in it. Who is not learns nothing, not even whether it exists.
    public func joinedRoom(_ roomID: RoomID, userID: UserID) async throws -> Room {
        guard let room = try await registry.room(roomID),
            room.read({ $0.state.membership(of: userID) }) == .join
        else { throw Self.notInRoom }
        return room
    }

    /// In a command: the room, as a writer sees it.
    func existingRoom(_ roomID: RoomID, in context: WriteContext) throws -> Room {
        guard let room = try registry.room(roomID, in: context) else {
            throw MatrixError.notFound("there is no such room")
        }
        return room
    }
}

extension Room {
    /// In a command: a user's membership just before the next event.
    func headMembership(of userID: UserID) -> Membership? {
        headState(StateTuple(EventType.roomMember, userID.string))?.pdu.membership
    }
}
