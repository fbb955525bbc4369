import EncryptionMachine

/// Records in memory: what has been committed, and nothing else.
final class MemoryRecords: EncryptionRecords {
    struct Name: Hashable {
        let table: RecordTable
        let key: [UInt8]
    }

    private(set) var values: [Name: [UInt8]] = [:]

    init() {}

    init(copying other: MemoryRecords) { values = other.values }

    func value(in table: RecordTable, key: [UInt8]) -> [UInt8]? { values[Name(table: table, key: key)] }

    func forEach(in table: RecordTable, prefix: [UInt8], _ body: ([UInt8], [UInt8]) -> Void) {
        let found = values.filter { $0.key.table == table && $0.key.key.starts(with: prefix) }
        for (name, value) in found.sorted(by: { $0.key.key.lexicographicallyPrecedes($1.key.key) }) {
            body(name.key, value)
        }
    }

    /// One transaction.
    func commit(_ changes: [RecordChange]) {
        for change in changes { values[Name(table: change.table, key: change.key)] = change.value }
    }

    func count(in table: RecordTable) -> Int { values.keys.filter { $0.table == table }.count }

    /// Damages one record, as a disk may.
    func damage(_ table: RecordTable, _ change: ([UInt8]) -> [UInt8]) {
        for (name, value) in values where name.table == table { values[name] = change(value) }
    }
}
