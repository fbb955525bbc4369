/// The records as they will be when the pending changes are committed.
final class RecordStore<Records: EncryptionRecords> {
    struct Name: Hashable {
        let table: RecordTable
        let key: [UInt8]
    }

    private let records: Records
    private(set) var pending: [Name: [UInt8]?] = [:]

    init(_ records: Records) {
        self.records = records
    }

    func value(in table: RecordTable, key: [UInt8]) -> [UInt8]? {
        if let change = pending[Name(table: table, key: key)] { return change }
        return records.value(in: table, key: key)
    }

    func set(_ value: [UInt8]?, in table: RecordTable, key: [UInt8]) {
        pending.updateValue(value, forKey: Name(table: table, key: key))
    }

    /// The records whose key begins with `prefix`, in ascending order of the keys.
    func all(in table: RecordTable, prefix: [UInt8] = []) -> [(key: [UInt8], value: [UInt8])] {
        var found: [(key: [UInt8], value: [UInt8])] = []
        records.forEach(in: table, prefix: prefix) { key, value in found.append((key, value)) }
        guard !pending.isEmpty else { return found }
        found.removeAll { pending[Name(table: table, key: $0.key)] != nil }
        for (name, value) in pending where name.table == table && name.key.starts(with: prefix) {
            if let value { found.append((name.key, value)) }
        }
        found.sort { precedes($0.key, $1.key) }
        return found
    }

    func takeChanges() -> [RecordChange] {
        var changes = pending.map { RecordChange(table: $0.key.table, key: $0.key.key, value: $0.value) }
        pending.removeAll()
        changes.sort {
            $0.table == $1.table ? precedes($0.key, $1.key) : $0.table.rawValue < $1.table.rawValue
        }
        return changes
    }

    /// Forgets what has been changed since `pending` had this value.
    func restore(_ pending: [Name: [UInt8]?]) {
        self.pending = pending
    }
}

func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool { left.lexicographicallyPrecedes(right) }
