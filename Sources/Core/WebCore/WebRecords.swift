import EncryptionMachine

/// The machine's records, in memory: the host brings them when it makes the machine, and keeps what changes.
final class WebRecords: EncryptionRecords {
    private struct Record {
        let key: [UInt8]
        var value: [UInt8]
    }

    /// By table; each in the order of the keys' bytes.
    private var tables = [[Record]](repeating: [], count: 256)

    func value(in table: RecordTable, key: [UInt8]) -> [UInt8]? {
        let records = tables[Int(table.rawValue)]
        let place = Self.place(of: key, in: records)
        return place < records.count && records[place].key == key ? records[place].value : nil
    }

    func forEach(in table: RecordTable, prefix: [UInt8], _ body: (_ key: [UInt8], _ value: [UInt8]) -> Void) {
        let records = tables[Int(table.rawValue)]
        var place = Self.place(of: prefix, in: records)
        while place < records.count, records[place].key.starts(with: prefix) {
            body(records[place].key, records[place].value)
            place += 1
        }
    }

    func apply(_ change: RecordChange) {
        let table = Int(change.table.rawValue)
        let place = Self.place(of: change.key, in: tables[table])
        let isThere = place < tables[table].count && tables[table][place].key == change.key
        switch (change.value, isThere) {
        case (.some(let value), true): tables[table][place].value = value
        case (.some(let value), false): tables[table].insert(Record(key: change.key, value: value), at: place)
        case (.none, true): tables[table].remove(at: place)
        case (.none, false): break
        }
    }

    /// Where a key stands or would stand.
    private static func place(of key: [UInt8], in records: [Record]) -> Int {
        var (low, high) = (0, records.count)
        while low < high {
            let middle = low + (high - low) / 2
            if precedes(records[middle].key, key) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let shared = min(left.count, right.count)
        for index in 0..<shared where left[index] != right[index] { return left[index] < right[index] }
        return left.count < right.count
    }
}
