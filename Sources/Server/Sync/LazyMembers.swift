import HomeserverStore
import MatrixIdentifiers

/// Which members' events a user's devices have been sent, so that lazy loading does not send them again and again.
///
/// A member is known to a client only if its token is not from before the answer that had the member: an answer that
/// got lost is asked for again with the old token, and has the member again. What is forgotten here is sent again;
/// nothing is ever left out because of it.
///
/// https://spec.matrix.org/v1.19/client-server-api/#lazy-loading-room-members
package struct LazyMembers: Sendable {
    private struct Device {
        /// The answer that a member was last sent in, by its `next_batch`.
        var sent: [RoomNumber: [ByteExactString: StreamPosition]] = [:]
        var count = 0
        var lastUsed: Int64 = 0
    }

    /// Of a user; of more, the one that has not been used for longest is forgotten.
    private static let maximumDevices = 10
    /// Remembered for one device; with more, all of them are forgotten.
    private static let maximumMembers = 5_000

    private var devices: [DeviceNumber: Device] = [:]
    private var useCount: Int64 = 0

    package init() {}

    /// Of the users, those whose member events the device may lack.
    package func unknown(
        _ users: Set<ByteExactString>, to device: DeviceNumber, in room: RoomNumber, since: StreamPosition
    ) -> Set<ByteExactString> {
        guard let sent = devices[device]?.sent[room] else { return users }
        return users.filter { user in sent[user].map { $0 > since } ?? true }
    }

    /// - Parameters:
    ///   - position: of the answer's `next_batch`.
    ///   - isFirst: whether the device begins anew with the room.
    package mutating func note(
        _ users: Set<ByteExactString>, to device: DeviceNumber, in room: RoomNumber, at position: StreamPosition,
        isFirst: Bool
    ) {
        var entry = devices[device] ?? Device()
        if isFirst { entry.count -= entry.sent.removeValue(forKey: room)?.count ?? 0 }
        for user in users where entry.sent[room, default: [:]].updateValue(position, forKey: user) == nil {
            entry.count += 1
        }
        if entry.count > Self.maximumMembers {
            entry.sent = [:]
            entry.count = 0
        }
        useCount += 1
        entry.lastUsed = useCount
        devices[device] = entry
        if devices.count > Self.maximumDevices,
            let oldest = devices.min(by: { $0.value.lastUsed < $1.value.lastUsed })?.key
        {
            devices[oldest] = nil
        }
    }
}
