import Synchronization

/// A store that is gone with the process: for programs that sign in anew each time, and for tests.
public final class MemoryStore: ClientStore {
    private typealias Group = [StoreKey.Item: [UInt8]]

    private let tables: Mutex<[StoreTable: [[UInt8]: Group]]>

    public init() { tables = Mutex([:]) }

    /// What was committed so far, for a further session on it.
    public init(copying other: MemoryStore) { tables = Mutex(other.tables.withLock { $0 }) }

    public func value(of key: StoreKey) throws(ClientError) -> [UInt8]? {
        tables.withLock { $0[key.table]?[key.group]?[key.item] }
    }

    public func records(
        in table: StoreTable, group: [UInt8], places: ClosedRange<Int64>, order: StoreOrder, limit: Int
    ) throws(ClientError) -> [StoreRecord] {
        var found: [(place: Int64, value: [UInt8])] = []
        for (item, value) in tables.withLock({ $0[table]?[group] ?? [:] }) {
            if case .place(let place) = item, places.contains(place) { found.append((place, value)) }
        }
        found.sort { order == .ascending ? $0.place < $1.place : $0.place > $1.place }
        return found.prefix(limit).map {
            StoreRecord(key: StoreKey(table, group: group, item: .place($0.place)), value: $0.value)
        }
    }

    public func records(in table: StoreTable, group: [UInt8]?) throws(ClientError) -> [StoreRecord] {
        let groups = tables.withLock { $0[table] ?? [:] }.filter { group == nil || $0.key == group }
        return groups.flatMap { name, items in
            items.map { StoreRecord(key: StoreKey(table, group: name, item: $0.key), value: $0.value) }
        }
    }

    public func records(
        in table: StoreTable, group: [UInt8], namePrefix: [UInt8]
    ) throws(ClientError) -> [StoreRecord] {
        var found: [(name: [UInt8], value: [UInt8])] = []
        for (item, value) in tables.withLock({ $0[table]?[group] ?? [:] }) {
            if case .name(let name) = item, name.starts(with: namePrefix) { found.append((name, value)) }
        }
        found.sort { $0.name.lexicographicallyPrecedes($1.name) }
        return found.map { StoreRecord(key: StoreKey(table, group: group, item: .name($0.name)), value: $0.value) }
    }

    public func commit(_ changes: [StoreChange]) throws(ClientError) {
        tables.withLock { tables in
            for change in changes {
                tables[change.key.table, default: [:]][change.key.group, default: [:]][change.key.item] = change.value
            }
        }
    }

    public func erase() throws(ClientError) { tables.withLock { $0 = [:] } }
}
