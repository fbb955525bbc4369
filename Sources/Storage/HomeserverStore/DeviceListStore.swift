import MatrixIdentifiers

/// Whose device lists a client has to look at again, and whose it need not follow any more.
public struct DeviceListChanges: Sendable, Equatable {
    public var changed: Set<UserID>
    public var left: Set<UserID>

    public var isEmpty: Bool { changed.isEmpty && left.isEmpty }

    public init(changed: Set<UserID> = [], left: Set<UserID> = []) {
        self.changed = changed
        self.left = left
    }
}

/// When users' keys changed. Who is to hear of it follows from the memberships and is not stored.
public protocol DeviceListReader {
    /// What changed for a user in the range (`after` exclusive, `upTo` inclusive).
    ///
    /// `changed` are users whose keys changed and who share a room with him or are invited to one of his, himself
    /// included; and users who share a room with him since then. `left` are users who do not share an encrypted room
    /// with him any more, or no room at all if the one that one of them left was not encrypted.
    ///
    /// Of each user only the latest change is known: one that was followed by another after `upTo` is not in the
    /// answer, and is in the one for the range that begins there.
    func deviceListChanges(
        for userID: UserID, after: StreamPosition, upTo: StreamPosition
    ) throws -> DeviceListChanges
    /// The rooms that a user is in or invited to: who is in them hears of his keys.
    func roomsToldOfKeys(of userID: UserID) throws -> [RoomNumber]
}

public protocol DeviceListWriter: DeviceListReader {
    /// - Parameter audience: the only user who can see the change; nil for everybody.
    func setDeviceListChange(of userID: UserID, audience: UserID?, at position: StreamPosition) throws
}
