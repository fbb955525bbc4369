import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

extension AccountService {
    private static let unknownToken = MatrixError(401, .unknownToken, "the access token is unknown")

    /// The session of an access token.
    ///
    /// An expired token of a device that is still there is answered with `soft_logout`, so that the client keeps its
    /// keys: https://spec.matrix.org/v1.19/client-server-api/#soft-logout
    public func session(accessToken: String, remoteAddress: String) async throws -> Session {
        let hash = AccessToken.hash(accessToken)
        let session: Session
        if let cached = sessions[hash] {
            session = cached
        } else {
            session = try await loadSession(accessTokenHash: hash)
        }
        let now = environment.timestamp
        if let expiresAt = session.expiresAt, expiresAt <= now {
            throw MatrixError(
                401, .unknownToken, "the access token has expired", details: ["soft_logout": .bool(true)])
        }
        lastSeen.note(session.device, at: now, address: remoteAddress)
        if let replaced = session.replacedPair.withLock({ $0 }) { try await retire(replaced, by: session) }
        return session
    }

    private func loadSession(accessTokenHash hash: [UInt8]) async throws -> Session {
        guard try await database.read({ try $0.tokenPair(accessTokenHash: hash) }) != nil else {
            throw Self.unknownToken
        }
        // On the writer's thread, so that a device that is deleted meanwhile does not come back into the cache, nor an
        // earlier standing of the account.
        return try await writes.submit(savepoint: false) { [sessions] context in
            guard let pair = try context.store.tokenPair(accessTokenHash: hash),
                let device = try context.store.device(pair.device),
                let account = try context.store.account(device.userID)
            else { throw Self.unknownToken }
            let session = Session(device: device, standing: account.standing, pair: pair)
            sessions.insert(session, accessTokenHash: hash)
            return session
        }
    }

    /// Refresh tokens of a device that nobody may use again and that are known as such: two days of hourly refreshes.
    private static let maximumRetiredTokens = 48

    /// The first use of new tokens ends the old ones.
    private func retire(_ replaced: Int64, by session: Session) async throws {
        try await writes.submit { context in
            guard let pair = try context.store.tokenPair(replaced) else { return }
            try context.store.retireTokenPair(pair, maximumCount: Self.maximumRetiredTokens)
        }
        sessions.remove(device: session.device, tokenPair: replaced)
        session.replacedPair.withLock { $0 = nil }
    }

    private enum RefreshOutcome: Sendable {
        case refreshed(DeviceRecord, retired: [Int64])
        /// The token was used before and its successor too: somebody has a token that is not his.
        case reused(DeviceNumber)
        case unknown
    }

    /// Gives new tokens for a refresh token. The old ones stay valid until the new ones are used: the answer may get
    /// lost on its way. A token whose successor has been used already ends the session, whoever shows it.
    ///
    /// - Parameter oauthClient: the client that asks; nil for the legacy API. Neither refreshes the other's tokens.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#refreshing-access-tokens
    public func refresh(_ refreshToken: String, oauthClient: String? = nil) async throws -> Credentials {
        let hash = AccessToken.hash(refreshToken)
        let tokens = makeTokens(wantsRefreshToken: true)
        let outcome = try await writes.submit { [self] context -> RefreshOutcome in
            guard let pair = try context.store.tokenPair(refreshTokenHash: hash),
                let device = try context.store.device(pair.device)
            else {
                guard let device = try context.store.device(retiredRefreshTokenHash: hash) else { return .unknown }
                try delete(device, in: context)
                context.onCommit { [sessions] in sessions.remove(device: device) }
                return .reused(device)
            }
            guard device.oauthClient == oauthClient else { return .unknown }
            guard try context.store.account(device.userID)?.standing.isLocked != true else { throw Self.userLocked }
            return .refreshed(device, retired: try Self.replace(pair, by: tokens, context))
        }
        guard case .refreshed(let device, let retired) = outcome else {
            throw MatrixError(401, .unknownToken, "the refresh token is unknown")
        }
        for number in retired { sessions.remove(device: device.number, tokenPair: number) }
        return Credentials(
            userID: device.userID, deviceID: device.deviceID, accessToken: tokens.accessToken,
            refreshToken: tokens.refreshToken, expiresIn: tokens.expiresIn)
    }

    /// Answers the pairs that ended.
    private static func replace(
        _ pair: TokenPairRecord, by tokens: NewTokens, _ context: WriteContext
    ) throws -> [Int64] {
        var ended: [Int64] = []
        // Using this pair's refresh token is its first use too.
        if let replaced = try pair.replaces.flatMap({ try context.store.tokenPair($0) }) {
            try context.store.retireTokenPair(replaced, maximumCount: maximumRetiredTokens)
            ended.append(replaced.number)
        }
        // An earlier answer to the same refresh got lost: its tokens were never used and never will be.
        for lost in try context.store.tokenPairs(of: pair.device) where lost.replaces == pair.number {
            try context.store.deleteTokenPair(lost.number)
            ended.append(lost.number)
        }
        _ = try context.store.insertTokenPair(tokens.record(device: pair.device, replaces: pair.number))
        return ended
    }

    // MARK: Sign-out

    public func signOut(_ session: Session) async throws {
        try await deleteDevices([session.device])
    }

    /// Signs the session out that an access or refresh token belongs to; does nothing when there is none.
    public func revoke(_ token: String) async throws {
        let hash = AccessToken.hash(token)
        let device = try await database.read { store in
            try store.tokenPair(accessTokenHash: hash)?.device ?? store.tokenPair(refreshTokenHash: hash)?.device
        }
        if let device { try await deleteDevices([device]) }
    }

    public func signOutEverywhere(_ userID: UserID) async throws {
        let devices = try await database.read { try $0.devices(of: userID) }
        try await deleteDevices(devices.map(\.number))
    }

    // MARK: Devices

    public func devices(of userID: UserID) async throws -> [DeviceRecord] {
        try await database.read { try $0.devices(of: userID) }.map(lastSeen.refreshed)
    }

    public func device(_ deviceID: String, of userID: UserID) async throws -> DeviceRecord {
        guard let device = try await database.read({ try $0.device(deviceID, of: userID) }) else {
            throw MatrixError.notFound("there is no such device")
        }
        return lastSeen.refreshed(device)
    }

    static func checkDeviceName(_ name: String) throws(MatrixError) {
        guard name.utf8.count <= 255 else { throw .tooLarge("a device's name has at most 255 bytes") }
        guard !name.utf8.contains(0) else { throw .invalidParameter("a device's name holds no NUL") }
    }

    public func renameDevice(_ deviceID: String, of userID: UserID, to name: String?) async throws {
        if let name { try Self.checkDeviceName(name) }
        let device = try await device(deviceID, of: userID)
        try await writes.submit { try $0.store.setDisplayName(name, of: device.number) }
    }

    /// Deletes those of the devices that exist.
    public func deleteDevices(_ deviceIDs: [String], of userID: UserID) async throws {
        let devices = try await database.read { store in
            try deviceIDs.compactMap { try store.device($0, of: userID)?.number }
        }
        try await deleteDevices(devices)
    }

    private func deleteDevices(_ devices: [DeviceNumber]) async throws {
        try await writes.submit { [self] context in
            for device in devices { try delete(device, in: context) }
            context.onCommit { [sessions] in for device in devices { sessions.remove(device: device) } }
        }
    }

    /// Writes down when devices were last seen. Called now and then, not at every request.
    public func flushLastSeen() async throws {
        let seen = lastSeen.take()
        guard !seen.isEmpty else { return }
        try await writes.submit { context in
            for (device, entry) in seen {
                try context.store.setLastSeen(at: entry.milliseconds, address: entry.address, of: device)
            }
        }
    }
}
