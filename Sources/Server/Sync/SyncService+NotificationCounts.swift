import HomeserverStore
import MatrixIdentifiers
import Rooms

extension SyncService {
    /// How many notifications a user has not read in each room, as `/sync` tells him; rooms without any are left out.
    ///
    /// - Parameter wanted: nil for all rooms that the user is in.
    public func notificationCounts(of userID: UserID, in wanted: Set<RoomNumber>?) async throws -> [RoomNumber: Int] {
        let stream = try await streams.stream(of: userID)
        let position = streams.position
        let joined = stream.allRooms.filter { room in
            room.entry.membership == .join && wanted?.contains(room.number) != false
        }
        let unread = try await unreadRooms(joined.map(\.number), of: userID)
        let settings = try await settings(of: stream)
        var counts: [RoomNumber: Int] = [:]
        for listed in joined where unread.contains(listed.number) {
            let room = try await rooms.room(listed.number)
            let count = try await counter.counts(
                for: stream, in: room, since: listed.entry.membershipPosition, upTo: position, settings: settings
            ).notificationCount
            if count > 0 { counts[listed.number] = count }
        }
        return counts
    }

    /// Those of the rooms where something came after the user's receipts: only they are worth loading.
    private func unreadRooms(_ numbers: [RoomNumber], of userID: UserID) async throws -> Set<RoomNumber> {
        try await database.read { store in
            Set(
                try numbers.filter { number in
                    let receipts = try [RoomService.ReceiptType.read, .readPrivate].compactMap { type in
                        try store.receipt(of: userID, in: number, type: type.rawValue, threadID: nil)?.eventPosition
                    }
                    guard let read = receipts.max() else { return true }
                    return try store.latestEvent(in: number).map { $0.position > read } ?? false
                })
        }
    }
}
