import MatrixIdentifiers

extension Session {
    public func createRoom(_ creation: RoomCreation) async throws(ClientError) -> Room {
        Room(id: try await engine.createRoom(creation), engine: engine)
    }

    /// The conversation with one other person: the one that is there, or a new one to which he is invited.
    public func directChat(with userID: UserID) async throws(ClientError) -> Room {
        Room(id: try await engine.directChat(with: userID), engine: engine)
    }

    /// - Parameters:
    ///   - idOrAlias: `!…` or `#…:server`.
    ///   - via: servers that may know the room.
    public func join(_ idOrAlias: String, via: [String] = []) async throws(ClientError) -> Room {
        Room(id: try await engine.join(idOrAlias, via: via), engine: engine)
    }
}
