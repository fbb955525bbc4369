import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import ServerEnvironment

/// The server's side of end-to-end encryption: it keeps and hands on what devices publish and send each other, and can
/// read none of the messages.
///
/// https://spec.matrix.org/v1.19/client-server-api/#end-to-end-encryption
public final class EndToEndService: Sendable {
    public let serverName: ServerName
    let database: any HomeserverDatabase
    let writes: WriteQueue
    let statuses = DeviceStatusCache()

    public init(serverName: ServerName, database: any HomeserverDatabase, writes: WriteQueue) {
        self.serverName = serverName
        self.database = database
        self.writes = writes
    }

    // MARK: For syncs

    /// What a device is told of itself; from memory unless something changed.
    public func status(of device: DeviceNumber) async throws -> DeviceStatus {
        if let status = statuses[device] { return status }
        let load = statuses.begin(device)
        let status = try await database.read { try DeviceStatus.read(of: device, from: $0) }
        statuses.finish(device, load: load, status: status)
        return status
    }

    /// How many one-time keys of a device nobody has claimed, by algorithm: `device_one_time_keys_count`.
    public func oneTimeKeyCounts(of device: DeviceNumber) async throws -> JSONObject {
        try await status(of: device).oneTimeKeyCounts
    }

    /// The algorithms with a fallback key that nobody has claimed: `device_unused_fallback_key_types`.
    public func unusedFallbackKeyTypes(of device: DeviceNumber) async throws -> [String] {
        try await status(of: device).unusedFallbackKeyTypes
    }

    /// `device_lists` of a user who syncs on from `after`; reads the store. A sync asks the user's stream first whether
    /// there can be anything.
    ///
    /// - Parameters:
    ///   - after: exclusive.
    ///   - upTo: inclusive.
    public func deviceListChanges(
        for userID: UserID, after: StreamPosition, upTo: StreamPosition
    ) async throws -> DeviceListChanges {
        try await database.read { try $0.deviceListChanges(for: userID, after: after, upTo: upTo) }
    }

    // MARK: In commands

    /// Has everybody who shares a room with the user told that his keys are others now.
    ///
    /// - Parameter audience: the only user who can see the change; nil for everybody.
    func noteDeviceListChange(of userID: UserID, audience: UserID? = nil, in context: WriteContext) throws {
        let position = context.nextPosition()
        try context.store.setDeviceListChange(of: userID, audience: audience, at: position)
        let rooms = audience == nil ? try context.store.roomsToldOfKeys(of: userID) : []
        context.publish(.deviceList(userID: userID, rooms: rooms, audience: audience, position: position))
    }

    /// Has the device's next sync read its status again, once the command is durable.
    func forgetStatus(of device: DeviceNumber, in context: WriteContext) {
        context.onCommit { [statuses] in statuses.forget(device) }
    }
}
