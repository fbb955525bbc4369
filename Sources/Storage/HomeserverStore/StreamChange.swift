import MatrixEvents
import MatrixIdentifiers

/// Something durable that clients can see from now on.
public enum StreamChange: Sendable {
    /// A new event in a room. `target` is set when it changes a user's membership.
    case event(room: RoomNumber, roomID: RoomID, position: StreamPosition, target: MembershipChange?)
    /// A receipt; `audience` is nil when the whole room may see it.
    case receipt(room: RoomNumber, position: StreamPosition, audience: UserID?)
    /// `room` is nil for global account data.
    case accountData(userID: UserID, room: RoomNumber?, position: StreamPosition)
    /// The user wants to see nothing more of a room that he has left.
    case forgotten(userID: UserID, room: RoomNumber)
    /// A message in the inbox of one of the user's devices.
    case toDevice(userID: UserID, position: StreamPosition)
    /// A user's devices have other keys, or he has other cross-signing keys. `rooms` are those he is in or invited to;
    /// `audience` is nil when everybody in them may see it.
    case deviceList(userID: UserID, rooms: [RoomNumber], audience: UserID?, position: StreamPosition)

    public struct MembershipChange: Sendable {
        public let userID: UserID
        public let membership: Membership

        public init(userID: UserID, membership: Membership) {
            self.userID = userID
            self.membership = membership
        }
    }
}

/// Whoever wants to know what has become visible, in order.
public protocol StreamObserver: Sendable {
    /// Called after the changes are durable and ``WriteQueue/publishedPosition`` covers them. Must not block.
    func streamAdvanced(to position: StreamPosition, changes: [StreamChange])
}
