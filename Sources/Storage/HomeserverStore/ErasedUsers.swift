import MatrixIdentifiers
import Synchronization

/// The users who wished to be erased, in memory: readers ask for each event that they show.
public final class ErasedUsers: Sendable {
    private let positions: Mutex<[UserID: StreamPosition]>
    private let isEmptyFlag: Atomic<Bool>

    public init(_ positions: [UserID: StreamPosition]) {
        isEmptyFlag = Atomic(positions.isEmpty)
        self.positions = Mutex(positions)
    }

    /// Whether nobody ever asked for it, as on most servers.
    public var isEmpty: Bool { isEmptyFlag.load(ordering: .acquiring) }

    /// The stream's position when the user wished to be erased; nil for everybody else.
    public func position(of userID: UserID) -> StreamPosition? {
        isEmpty ? nil : positions.withLock { $0[userID] }
    }

    public func add(_ userID: UserID, at position: StreamPosition) {
        positions.withLock { positions in
            if positions[userID] == nil { positions[userID] = position }
        }
        isEmptyFlag.store(false, ordering: .releasing)
    }
}
