import CanonicalJSON
import MatrixIdentifiers

/// A person who is signed in on this device: the door to everything else.
///
/// Nothing happens in the background by itself: an application runs ``run()`` in a task for as long as it wants to
/// hear of news and to have its messages sent.
public final class Session: Sendable {
    public let userID: UserID
    public let deviceID: String
    let engine: Engine

    init(engine: Engine) {
        self.engine = engine
        userID = engine.userID
        deviceID = engine.deviceID
    }

    /// Syncs, sends what waits to be sent and answers the encryption machine, until the task is cancelled or the
    /// session is over. Goes on after any loss of the network by itself.
    ///
    /// - Throws: ``ClientError/Code/signedOut(isSoft:)``, or ``ClientError/Code/store`` when nothing can be kept.
    ///   Cancelling the task is no error.
    public func run() async throws(ClientError) { try await engine.run() }

    /// Whether the session hears of what happens: now, and after each change.
    public func connection() async -> AsyncStream<ConnectionState> { await engine.connectionUpdates() }

    /// Returns when the first sync of this run has been answered, or its task has ended.
    public func ready() async { await engine.ready() }

    public var roomList: RoomList { RoomList(engine: engine) }

    public var encryption: Encryption { Encryption(engine: engine) }

    /// The room of that ID, whether or not the session knows it yet.
    public func room(_ id: RoomID) -> Room { Room(id: id, engine: engine) }
}
