import ApplicationServices
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms

/// Which of an application service's users are in which room, so far as that has been looked up.
///
/// It is brought forward with the stream, so it says who was there when an event happened and not who is there now:
/// what was said before a bridge came in, or after it left, is not for it, however far it is behind.
struct ServiceAudience {
    /// Rooms that are remembered. Beyond it all are forgotten and looked up again.
    private static let maximumRooms = 20_000

    private var members: [RoomNumber: Set<UserID>] = [:]

    /// Nil when it has to be looked up.
    func isAnybody(in room: RoomNumber) -> Bool? { members[room].map { !$0.isEmpty } }

    mutating func set(_ users: Set<UserID>, in room: RoomNumber) {
        if members.count >= Self.maximumRooms { members = [:] }
        members[room] = users
    }

    /// Somebody's membership has changed in a room that has been looked up.
    mutating func note(_ membership: Membership?, of userID: UserID, in room: RoomNumber) {
        guard members[room] != nil else { return }
        if membership == .join { members[room]?.insert(userID) } else { members[room]?.remove(userID) }
    }
}
