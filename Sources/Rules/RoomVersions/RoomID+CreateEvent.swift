import CanonicalJSON
import MatrixIdentifiers

extension RoomID {
    /// The ID of a room of version 12 or later: the ID of its create event with the sigil `!`.
    ///
    /// https://spec.matrix.org/v1.19/appendices/#room-ids
    public init(createEventID: EventID) {
        guard let roomID = RoomID("!" + createEventID.string.dropFirst()) else {
            preconditionFailure("room IDs without a server name have the grammar of event IDs")
        }
        self = roomID
    }

    /// Whether this is the ID of the room that begins with `createEventID`, in room version 12 and later.
    public func isDerived(from createEventID: EventID) -> Bool {
        // Compared without building a room ID: this runs for every event of a room.
        string.utf8.dropFirst().elementsEqual(createEventID.string.utf8.dropFirst())
    }

    /// The ID of the create event that the room ID of version 12 and later stands for; nil in earlier versions.
    public var createEventID: EventID? {
        serverName == nil ? EventID("$" + string.dropFirst()) : nil
    }
}
