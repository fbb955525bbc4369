/// Something that is kept in a record.
protocol StoredRecord {
    static var table: RecordTable { get }
    /// The first byte of the record. A later form of the record has a higher one, and reads the lower ones too.
    static var version: UInt8 { get }
    init(from reader: inout RecordReader) throws(MachineError)
    func write(to writer: inout RecordWriter)
}

extension StoredRecord {
    static var version: UInt8 { 1 }

    init(bytes: [UInt8]) throws(MachineError) {
        var reader = try RecordReader(bytes, version: Self.version)
        try self.init(from: &reader)
    }

    var bytes: [UInt8] {
        var writer = RecordWriter(version: Self.version)
        write(to: &writer)
        return writer.bytes
    }
}

extension RecordStore {
    /// - Throws: ``MachineError/Code/damagedRecord``.
    func read<Record: StoredRecord>(_ type: Record.Type, _ key: [UInt8]) throws(MachineError) -> Record? {
        guard let bytes = value(in: Record.table, key: key) else { return nil }
        return try Record(bytes: bytes)
    }

    /// Like ``read(_:_:)``, for records whose loss is no danger: damaged ones are as if they were not there.
    func find<Record: StoredRecord>(_ type: Record.Type, _ key: [UInt8]) -> Record? {
        guard let bytes = value(in: Record.table, key: key) else { return nil }
        do { return try Record(bytes: bytes) } catch { return nil }
    }

    /// All records whose key begins with `prefix`; damaged ones are left out.
    func findAll<Record: StoredRecord>(
        _ type: Record.Type, prefix: [UInt8] = []
    ) -> [(key: [UInt8], record: Record)] {
        var found: [(key: [UInt8], record: Record)] = []
        for (key, bytes) in all(in: Record.table, prefix: prefix) {
            do { found.append((key, try Record(bytes: bytes))) } catch {}
        }
        return found
    }

    func write<Record: StoredRecord>(_ record: Record, _ key: [UInt8]) {
        set(record.bytes, in: Record.table, key: key)
    }

    func remove<Record: StoredRecord>(_ type: Record.Type, _ key: [UInt8]) {
        guard value(in: Record.table, key: key) != nil else { return }
        set(nil, in: Record.table, key: key)
    }

    func removeAll<Record: StoredRecord>(_ type: Record.Type, prefix: [UInt8]) {
        for (key, _) in all(in: Record.table, prefix: prefix) { set(nil, in: Record.table, key: key) }
    }
}
