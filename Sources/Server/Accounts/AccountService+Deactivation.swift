import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

/// Takes a user out of all rooms. Rooms are a layer above accounts, which therefore only say what they need.
public protocol RoomDeparting: Sendable {
    /// Leaves every room, and turns invitations and knocks down. Done again it changes nothing.
    func leaveAllRooms(_ userID: UserID) async throws
}

extension AccountService {
    /// Ends an account for good: nobody can sign in any more, the devices are gone, and so is what belonged to the
    /// user alone. The user ID is never given to anybody else.
    ///
    /// - Parameter erases: whether those who join a room from now on see the user's events without what they said.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountdeactivate
    public func deactivate(_ userID: UserID, erases: Bool) async throws {
        try await writes.submit { [self] context in
            guard try context.store.account(userID) != nil else { throw MatrixError.notFound("there is no such user") }
            let devices = try context.store.devices(of: userID).map(\.number)
            for device in devices { try delete(device, in: context) }
            let position = context.position
            try context.store.deactivateAccount(userID, erasedAt: erases ? position : nil)
            context.onCommit { [sessions, erasedUsers] in
                for device in devices { sessions.remove(device: device) }
                if erases { erasedUsers.add(userID, at: position) }
            }
        }
        try await leaveRooms(of: userID)
    }

    /// Goes on where a server that ended early left off. Called at the start and now and then.
    public func finishDeactivations() async throws {
        for userID in try await database.read({ try $0.usersWithRoomsToLeave() }) { try await leaveRooms(of: userID) }
    }

    private func leaveRooms(of userID: UserID) async throws {
        try await departures.leaveAllRooms(userID)
        try await writes.submit { try $0.store.setHasRoomsToLeave(false, userID: userID) }
    }
}
