import HomeserverStore
import MatrixIdentifiers

/// What a user who syncs has to hear of others' keys, as far as memory knows it.
///
/// Most of it is known at once: this user's keys changed, that user came. Who is left when somebody goes, or who is in
/// a room that the user himself comes to, only the store can tell.
struct DeviceListLog: Sendable {
    private struct Entry {
        let userID: UserID
        let position: StreamPosition
    }

    /// What a client has to be told.
    enum News: Equatable {
        case nothing
        case changed(Set<UserID>)
        /// The store knows.
        case stored
    }

    static let maximumCount = 64

    private var entries: [Entry] = []
    /// Up to here the store must be asked.
    private var storedUpTo: StreamPosition = .zero

    var latest: StreamPosition { max(storedUpTo, entries.last?.position ?? .zero) }

    /// Of what is new in the range (`after` exclusive, `upTo` inclusive).
    func news(after: StreamPosition, upTo: StreamPosition) -> News {
        if storedUpTo > after { return .stored }
        let users = entries.lazy.filter { $0.position > after && $0.position <= upTo }.map(\.userID)
        return users.isEmpty ? .nothing : .changed(Set(users))
    }

    mutating func noteChanged(_ userID: UserID, at position: StreamPosition) {
        if let last = entries.last, last.position == position, last.userID == userID { return }
        entries.append(Entry(userID: userID, position: position))
        guard entries.count > Self.maximumCount else { return }
        noteStored(at: entries[entries.count - Self.maximumCount / 2 - 1].position)
    }

    /// Something that the store must be asked for.
    mutating func noteStored(at position: StreamPosition) {
        storedUpTo = max(storedUpTo, position)
        entries.removeAll { $0.position <= position }
    }
}
