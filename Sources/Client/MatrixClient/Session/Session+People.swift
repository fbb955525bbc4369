import MatrixIdentifiers

extension Session {
    public func profile(of userID: UserID) async throws(ClientError) -> Profile {
        try await engine.profile(of: userID)
    }

    public func setDisplayName(_ name: String) async throws(ClientError) {
        try await engine.setProfile("displayname", to: name)
    }

    /// - Parameter url: `mxc://…`, as ``upload(_:mimeType:name:)`` answers it.
    public func setAvatar(url: String) async throws(ClientError) {
        try await engine.setProfile("avatar_url", to: url)
    }

    /// People on the server whose name or ID holds the text.
    public func searchPeople(_ text: String, limit: Int = 20) async throws(ClientError) -> [(UserID, Profile)] {
        try await engine.searchPeople(text, limit: limit)
    }

    /// Whose messages and invitations are not shown.
    public func ignoredUsers() async -> Set<UserID> { await engine.ignoredUsers }

    public func setIgnored(_ isIgnored: Bool, _ userID: UserID) async throws(ClientError) {
        try await engine.setIgnored(isIgnored, userID)
    }
}
