import MatrixIdentifiers

extension Room {
    /// Everybody in the room, invited or gone; asks the server when not all of them are known here.
    public func members() async throws(ClientError) -> [RoomMember] { try await engine.members(of: id) }

    /// Accepts an invitation, or joins a room that one may join.
    public func join() async throws(ClientError) { _ = try await engine.join(id.string, via: []) }

    /// Leaves the room, or rejects an invitation.
    public func leave() async throws(ClientError) { try await engine.leave(id) }

    /// Forgets a room that one has left: it is deleted on this device.
    public func forget() async throws(ClientError) { try await engine.forget(id) }

    public func invite(_ userID: UserID) async throws(ClientError) {
        try await engine.changeMembership("invite", of: userID, in: id, reason: nil)
    }

    public func kick(_ userID: UserID, reason: String? = nil) async throws(ClientError) {
        try await engine.changeMembership("kick", of: userID, in: id, reason: reason)
    }

    public func ban(_ userID: UserID, reason: String? = nil) async throws(ClientError) {
        try await engine.changeMembership("ban", of: userID, in: id, reason: reason)
    }

    public func unban(_ userID: UserID) async throws(ClientError) {
        try await engine.changeMembership("unban", of: userID, in: id, reason: nil)
    }
}
