import Synchronization

/// A store that is gone with the process: for programs that sign in anew each time, and for tests.
public final class MemoryStore: ClientStore {
    private let records: Mutex<[StoreKey: [UInt8]]>

    public init() { records = Mutex([:]) }

    /// What was committed so far, for a further session on it.
    public init(copying other: MemoryStore) { records = Mutex(other.records.withLock { $0 }) }

    public func value(of key: StoreKey) throws(ClientError) -> [UInt8]? { records.withLock { $0[key] } }

    public func records(
        in table: StoreTable, group: [UInt8], places: ClosedRange<Int64>, order: StoreOrder, limit: Int
    ) throws(ClientError) -> [StoreRecord] {
        let found: [(place: Int64, record: StoreRecord)] = records.withLock { records in
            records.compactMap { key, value in
                guard key.table == table, key.group == group, case .place(let place) = key.item,
                    places.contains(place)
                else { return nil }
                return (place, StoreRecord(key: key, value: value))
            }
        }
        let sorted = found.sorted { order == .ascending ? $0.place < $1.place : $0.place > $1.place }
        return sorted.prefix(limit).map(\.record)
    }

    public func records(in table: StoreTable, group: [UInt8]?) throws(ClientError) -> [StoreRecord] {
        records.withLock { records in
            records.compactMap { key, value in
                guard key.table == table, group.map({ $0 == key.group }) ?? true else { return nil }
                return StoreRecord(key: key, value: value)
            }
        }
    }

    public func commit(_ changes: [StoreChange]) throws(ClientError) {
        records.withLock { records in
            for change in changes { records[change.key] = change.value }
        }
    }

    public func erase() throws(ClientError) { records.withLock { $0 = [:] } }
}
