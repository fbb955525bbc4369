import Accounts
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import Rooms

/// Takes users out of their rooms, for accounts that end.
struct RoomDepartures: RoomDeparting {
    let rooms: RoomService
    let database: any HomeserverDatabase

    func leaveAllRooms(_ userID: UserID) async throws {
        let memberships = try await database.read { try $0.memberships(of: userID) }
        for room in memberships where [.join, .invite, .knock].contains(room.membership) {
            do {
                try await rooms.leave(room.roomID, userID: userID, reason: nil)
            } catch is MatrixError {
                // The room says that there is nothing to leave, which is what was wanted.
            }
        }
    }
}
