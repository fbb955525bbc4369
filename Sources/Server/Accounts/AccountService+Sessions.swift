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
        let found = try await database.read { store -> (TokenPairRecord, DeviceRecord)? in
            guard let pair = try store.tokenPair(accessTokenHash: hash), let device = try store.device(pair.device)
            else { return nil }
            return (pair, device)
        }
        guard let (pair, device) = found else { throw Self.unknownToken }
        let session = Session(
            userID: device.userID, deviceID: device.deviceID, device: device.number, tokenPair: pair.number,
            expiresAt: pair.expiresAt, replacedPair: pair.replaces)
        // On the writer's thread, so that a device that is deleted meanwhile does not come back into the cache.
        return try await writes.submit(savepoint: false) { [sessions] context in
            guard try context.store.tokenPair(accessTokenHash: hash) != nil else { throw Self.unknownToken }
            sessions.insert(session, accessTokenHash: hash)
            return session
        }
    }

    /// The first use of new tokens ends the old ones.
    private func retire(_ replaced: Int64, by session: Session) async throws {
        try await writes.submit { context in try context.store.deleteTokenPair(replaced) }
        sessions.remove(device: session.device, tokenPair: replaced)
        session.replacedPair.withLock { $0 = nil }
    }

    /// Gives new tokens for a refresh token. The old ones stay valid until the new ones are used: the answer may get
    /// lost on its way.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#refreshing-access-tokens
    public func refresh(_ refreshToken: String) async throws -> Credentials {
        let hash = AccessToken.hash(refreshToken)
        let tokens = makeTokens(wantsRefreshToken: true)
        let (device, retired) = try await writes.submit { context -> (DeviceRecord, [Int64]) in
            guard let pair = try context.store.tokenPair(refreshTokenHash: hash),
                let device = try context.store.device(pair.device)
            else { throw MatrixError(401, .unknownToken, "the refresh token is unknown") }
            // Using this pair's refresh token is its first use too. And an earlier answer to the same refresh got lost:
            // its tokens were never used and never will be.
            let repeated = try context.store.tokenPairs(of: pair.device).filter { $0.replaces == pair.number }
            let retired = [pair.replaces].compactMap { $0 } + repeated.map(\.number)
            for number in retired { try context.store.deleteTokenPair(number) }
            _ = try context.store.insertTokenPair(tokens.record(device: pair.device, replaces: pair.number))
            return (device, retired)
        }
        for number in retired { sessions.remove(device: device.number, tokenPair: number) }
        return Credentials(
            userID: device.userID, deviceID: device.deviceID, accessToken: tokens.accessToken,
            refreshToken: tokens.refreshToken, expiresIn: tokens.expiresIn)
    }

    // MARK: Sign-out

    public func signOut(_ session: Session) async throws {
        try await deleteDevices([session.device])
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
        let observer = deviceObserver.withLock { $0 }
        try await writes.submit { [sessions] context in
            for device in devices {
                try observer?.deviceWillBeDeleted(device, in: context)
                try context.store.deleteDevice(device)
            }
            context.onCommit { for device in devices { sessions.remove(device: device) } }
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
