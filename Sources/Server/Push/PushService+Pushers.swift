import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import OutgoingHTTP

/// Setting pushers.
///
/// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3pushersset
extension PushService {
    private static let maximumPushersOfUser = 50
    private static let maximumTextBytes = 512
    private static let maximumDataBytes = 8_192

    public func pushers(of userID: UserID) async throws -> [PusherRecord] {
        try await database.read { try $0.pushers(of: userID) }
    }

    /// Makes a pusher or changes the user's one with that key.
    ///
    /// - Parameters:
    ///   - device: with which the pusher goes.
    ///   - keepsOthers: whether other users may have a pusher with the same key.
    public func setPusher(
        _ settings: PusherSettings, of userID: UserID, device: DeviceNumber, keepsOthers: Bool
    ) async throws {
        try check(settings)
        let now = environment.timestamp
        try await writes.submit { [self] context in
            guard try context.store.device(device) != nil else {
                throw MatrixError(401, .unknownToken, "this session has ended")
            }
            let own = try context.store.pushers(of: userID)
            guard own.count < Self.maximumPushersOfUser || own.contains(where: { $0.settings.key == settings.key })
            else { throw MatrixError.forbidden("a user has at most \(Self.maximumPushersOfUser) pushers") }
            let replaced =
                keepsOthers ? [] : try context.store.deletePushers(settings.key, exceptOf: userID)
            let number = try context.store.setPusher(
                settings, of: userID, device: device, pushkeyTimestamp: now, start: context.position)
            guard let record = try context.store.pusher(number) else { return }
            let data = try PusherData(record.settings.data)
            context.onCommit { [self] in
                unregister(replaced)
                register(record, data)
                wake()
            }
        }
    }

    public func deletePusher(_ key: PusherKey, of userID: UserID) async throws {
        try await writes.submit { [self] context in
            let deleted = try context.store.deletePusher(key, of: userID)
            context.onCommit { [self] in unregister(deleted) }
        }
    }

    private func check(_ settings: PusherSettings) throws {
        guard settings.kind == "http" else {
            throw MatrixError.invalidParameter("'kind' must be \"http\", or null to delete the pusher")
        }
        guard (1...512).contains(settings.key.pushkey.string.utf8.count) else {
            throw MatrixError.invalidParameter("'pushkey' must have 1 to 512 bytes")
        }
        guard (1...64).contains(settings.key.appID.string.unicodeScalars.count) else {
            throw MatrixError.invalidParameter("'app_id' must have 1 to 64 characters")
        }
        let texts = [
            settings.key.appID.string, settings.key.pushkey.string, settings.appDisplayName,
            settings.deviceDisplayName, settings.lang, settings.profileTag ?? "",
        ]
        guard texts.allSatisfy({ $0.utf8.count <= Self.maximumTextBytes && !$0.utf8.contains(0) }) else {
            throw MatrixError.invalidParameter(
                "the texts of a pusher have at most \(Self.maximumTextBytes) bytes each, and no NUL")
        }
        guard settings.data.count <= Self.maximumDataBytes else {
            throw MatrixError.tooLarge("'data' has at most \(Self.maximumDataBytes) bytes")
        }
        try check(PusherData(settings.data).url)
    }

    private func check(_ url: OutgoingURL?) throws {
        guard let url else { throw MatrixError.invalidParameter("'data.url' must be an https URL") }
        guard url.path == PushRequest.path, url.query == nil else {
            throw MatrixError.invalidParameter("the path of 'data.url' must be \(PushRequest.path)")
        }
        // Whom the operator has named by address is on a network of his.
        let isNamed = url.address.map(policy.isAllowedByOperator) ?? false
        guard url.scheme == .https || isNamed else {
            throw MatrixError.invalidParameter("'data.url' must begin with https://")
        }
    }
}
