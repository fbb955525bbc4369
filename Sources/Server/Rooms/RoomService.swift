import CanonicalJSON
import Crypto
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rules
import ServerEnvironment

/// The only writer of events: rooms, who is in them, and what is said there.
public final class RoomService: Sendable {
    public let serverName: ServerName
    public let typing: TypingTracker
    public let erasedUsers: ErasedUsers
    let defaultVersion: RoomVersionRules
    let database: any HomeserverDatabase
    let writes: WriteQueue
    let environment: ServerEnvironment
    let registry: RoomRegistry
    let pipeline: EventPipeline

    public init(
        serverName: ServerName, signingKey: SigningKey, defaultVersion: RoomVersionRules = .default,
        database: any HomeserverDatabase, writes: WriteQueue, environment: ServerEnvironment,
        erasedUsers: ErasedUsers = ErasedUsers([:])
    ) {
        self.serverName = serverName
        self.defaultVersion = defaultVersion
        self.database = database
        self.writes = writes
        self.environment = environment
        self.erasedUsers = erasedUsers
        typing = TypingTracker(environment: environment)
        registry = RoomRegistry(database: database, environment: environment)
        pipeline = EventPipeline(
            serverName: serverName, builder: EventBuilder(serverName: serverName, key: signingKey),
            environment: environment)
    }

    /// Everything up to here can be read.
    public var position: StreamPosition { writes.publishedPosition }

    /// Lets go of rooms that nobody uses, when they take too much memory. Called now and then.
    public func evictUnusedRooms() async throws {
        try await writes.submit(savepoint: false) { [registry] context in registry.evictUnused(in: context) }
    }

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
