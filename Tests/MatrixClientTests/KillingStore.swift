import MatrixClient
import Synchronization

/// A store whose process ends at a commit: before it or just after it, nothing is written or read any more.
final class KillingStore: ClientStore {
    private struct State {
        var left: Int?
        var isDead = false
        var commits = 0
    }

    private let kept: MemoryStore
    private let state = Mutex(State())
    private let diesAfterCommit: Bool

    /// - Parameters:
    ///   - commits: that succeed; the next one is the end.
    ///   - diesAfterCommit: whether the last one is durable, although nobody hears of it.
    init(_ kept: MemoryStore, commits: Int?, diesAfterCommit: Bool) {
        self.kept = kept
        self.diesAfterCommit = diesAfterCommit
        state.withLock { $0.left = commits }
    }

    var isDead: Bool { state.withLock { $0.isDead } }
    var commits: Int { state.withLock { $0.commits } }
    private static let death = ClientError(.store, "the process is gone")

    private func checkAlive() throws(ClientError) { if isDead { throw Self.death } }

    func value(of key: StoreKey) throws(ClientError) -> [UInt8]? {
        try checkAlive()
        return try kept.value(of: key)
    }

    func records(
        in table: StoreTable, group: [UInt8], places: ClosedRange<Int64>, order: StoreOrder, limit: Int
    ) throws(ClientError) -> [StoreRecord] {
        try checkAlive()
        return try kept.records(in: table, group: group, places: places, order: order, limit: limit)
    }

    func records(in table: StoreTable, group: [UInt8]?) throws(ClientError) -> [StoreRecord] {
        try checkAlive()
        return try kept.records(in: table, group: group)
    }

    func records(in table: StoreTable, group: [UInt8], namePrefix: [UInt8]) throws(ClientError) -> [StoreRecord] {
        try checkAlive()
        return try kept.records(in: table, group: group, namePrefix: namePrefix)
    }

    func commit(_ changes: [StoreChange]) throws(ClientError) {
        try checkAlive()
        let dies = state.withLock { state in
            state.commits += 1
            guard let left = state.left else { return false }
            state.left = left - 1
            if left == 0 { state.isDead = true }
            return left == 0
        }
        if !dies || diesAfterCommit { try kept.commit(changes) }
        if dies { throw Self.death }
    }

    func erase() throws(ClientError) { try kept.erase() }
}
