import HomeserverStore
import MatrixIdentifiers
import Rooms

/// What a client asks of `/sync`.
///
/// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3sync
public struct SyncRequest: Sendable {
    public var userID: UserID
    public var device: DeviceNumber
    /// Nil for the first sync.
    public var since: SyncToken?
    public var filter = SyncFilter.all
    public var wantsFullState = false
    /// How long to wait for something new.
    public var timeoutMilliseconds: Int64 = 0
    /// What the sync says of the user's presence.
    public var presence = PresenceState.online
    /// The name under which the client wants the state after the timeline instead of before it.
    public var stateAfterName: String?

    public init(userID: UserID, device: DeviceNumber) {
        self.userID = userID
        self.device = device
    }

    /// The longest wait; a client that asks for more is answered earlier.
    public static let maximumTimeoutMilliseconds: Int64 = 10 * 60 * 1000
}
