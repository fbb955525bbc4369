import HomeserverStore
import MatrixIdentifiers

/// Where something has happened that is true only now, since the service was last told. Kept in memory.
struct EphemeralNews {
    /// Of each kind; what comes beyond is not told. Only a service that cannot be reached is so far behind.
    private static let maximumCount = 10_000

    private(set) var typingRooms: Set<RoomNumber> = []
    /// With the position of the first receipt that the service has not been told of.
    private(set) var receiptRooms: [RoomNumber: StreamPosition] = [:]
    private(set) var presentUsers: Set<UserID> = []

    var isEmpty: Bool { typingRooms.isEmpty && receiptRooms.isEmpty && presentUsers.isEmpty }

    mutating func noteTyping(in room: RoomNumber) {
        if typingRooms.count < Self.maximumCount { typingRooms.insert(room) }
    }

    mutating func noteReceipt(in room: RoomNumber, at position: StreamPosition) {
        guard receiptRooms.count < Self.maximumCount, receiptRooms[room] == nil else { return }
        receiptRooms[room] = position
    }

    mutating func notePresence(of userID: UserID) {
        if presentUsers.count < Self.maximumCount { presentUsers.insert(userID) }
    }

    /// Empties it.
    mutating func take() -> EphemeralNews {
        defer { self = EphemeralNews() }
        return self
    }
}
