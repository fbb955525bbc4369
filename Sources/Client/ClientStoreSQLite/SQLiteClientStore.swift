import Foundation
import GRDB
import MatrixClient
import Primitives
import Synchronization

/// A session's store in one SQLite file, sealed with AES-256-GCM; see ``StoreKeySource`` for what opens it, and
/// docs/sdk.md for what a stranger sees of the file.
///
/// One process at a time has it open.
public final class SQLiteClientStore: ClientStore {
    private let queue: DatabaseQueue
    private let sealing: RecordSealing
    /// The names in groups that were searched by prefix, in order: the file has them hashed.
    private let names = Mutex<[GroupKey: [[UInt8]]]>([:])

    private struct GroupKey: Hashable {
        let table: StoreTable
        let group: [UInt8]
    }

    private static let schema = """
        CREATE TABLE IF NOT EXISTS settings (
            name TEXT NOT NULL PRIMARY KEY,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS records (
            kind INTEGER NOT NULL,
            grp BLOB NOT NULL,
            item BLOB NOT NULL,
            sealed BLOB NOT NULL,
            PRIMARY KEY (kind, grp, item)
        ) STRICT, WITHOUT ROWID;
        """
    /// What the setting "check" opens to with the right key.
    private static let checkKey = StoreKey(.session, group: "check", name: "check")

    /// Opens or makes the store.
    ///
    /// - Parameter path: of the file; SQLite puts others beside it.
    /// - Throws: ``ClientError/Code/store`` when the file cannot be used, the key is not the one that it was made with,
    ///   or another process has it open.
    public init(path: String, key source: StoreKeySource, random: RandomSource = .system) throws(ClientError) {
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(1)
            configuration.prepareDatabase { db in
                // One process: two that advance one ratchet would break it.
                try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
                try db.execute(sql: "PRAGMA journal_mode = WAL")
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try db.execute(sql: "PRAGMA secure_delete = ON")
                try db.execute(sql: "PRAGMA temp_store = MEMORY")
            }
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            try queue.write { db in try db.execute(sql: Self.schema) }
            sealing = try Self.openSealing(queue, source, random)
        } catch let error as ClientError {
            throw error
        } catch {
            throw ClientError(.store, "the store at \(path) cannot be opened: \(error)")
        }
    }

    private static func openSealing(
        _ queue: DatabaseQueue, _ source: StoreKeySource, _ random: RandomSource
    ) throws -> RecordSealing {
        let settings = try queue.read { db in
            try Row.fetchAll(db, sql: "SELECT name, value FROM settings").map { ($0[0] as String, $0[1] as Data) }
        }
        func setting(_ name: String) -> [UInt8]? { settings.first { $0.0 == name }.map { Array($0.1) } }
        let isNew = settings.isEmpty
        let salt = setting("salt") ?? random.bytes(StoreKeySource.saltBytes)
        let rounds =
            setting("rounds").flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? StoreKeySource.rounds
        guard (1...10_000_000).contains(rounds) else { throw ClientError(.store, "the store is damaged") }
        let master = try source.masterKey(salt: salt, rounds: rounds, isNew: isNew, random: random)
        let sealing = RecordSealing(master: master, random: random)
        let address = sealing.address(of: checkKey)
        guard isNew else {
            guard let check = setting("check"), (try? sealing.open(check, at: address)) != nil else {
                throw ClientError(.store, "this is not the key of the store")
            }
            return sealing
        }
        try queue.write { db in
            let values = [
                ("salt", salt), ("rounds", Array("\(rounds)".utf8)),
                ("check", sealing.seal([1], for: checkKey, at: address)),
            ]
            for (name, value) in values {
                try db.execute(
                    sql: "INSERT INTO settings (name, value) VALUES (?, ?)", arguments: [name, Data(value)])
            }
        }
        return sealing
    }

    /// Errors of the database as those of a store.
    private func perform<Value>(_ body: () throws -> Value) throws(ClientError) -> Value {
        do {
            return try body()
        } catch let error as ClientError {
            throw error
        } catch {
            throw ClientError(.store, "the store cannot be used: \(error)")
        }
    }

    public func value(of key: StoreKey) throws(ClientError) -> [UInt8]? {
        let address = sealing.address(of: key)
        let sealed = try perform {
            try queue.read { db in
                try Data.fetchOne(
                    db.cachedStatement(sql: "SELECT sealed FROM records WHERE kind = ? AND grp = ? AND item = ?"),
                    arguments: [address.table, Data(address.group), Data(address.item)])
            }
        }
        guard let sealed else { return nil }
        return try sealing.open(Array(sealed), at: address).value
    }

    public func records(
        in table: StoreTable, group: [UInt8], places: ClosedRange<Int64>, order: StoreOrder, limit: Int
    ) throws(ClientError) -> [StoreRecord] {
        let direction = order == .ascending ? "ASC" : "DESC"
        return try open(
            """
            SELECT kind, grp, item, sealed FROM records
            WHERE kind = ? AND grp = ? AND item BETWEEN ? AND ? AND length(item) = 8
            ORDER BY item \(direction) LIMIT ?
            """,
            [
                table.rawValue, Data(sealing.group(group, in: table)),
                Data(RecordSealing.bytes(of: places.lowerBound)), Data(RecordSealing.bytes(of: places.upperBound)),
                limit,
            ])
    }

    public func records(in table: StoreTable, group: [UInt8]?) throws(ClientError) -> [StoreRecord] {
        guard let group else {
            return try open("SELECT kind, grp, item, sealed FROM records WHERE kind = ?", [table.rawValue])
        }
        return try open(
            "SELECT kind, grp, item, sealed FROM records WHERE kind = ? AND grp = ?",
            [table.rawValue, Data(sealing.group(group, in: table))])
    }

    private func open(_ sql: String, _ arguments: StatementArguments) throws(ClientError) -> [StoreRecord] {
        try perform {
            let rows = try queue.read { db in
                try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments).map { row in
                    (
                        RecordSealing.Address(
                            table: row[0], group: Array(row[1] as Data), item: Array(row[2] as Data)),
                        Array(row[3] as Data)
                    )
                }
            }
            return try rows.map { try sealing.open($0.1, at: $0.0) }
        }
    }

    public func records(
        in table: StoreTable, group: [UInt8], namePrefix: [UInt8]
    ) throws(ClientError) -> [StoreRecord] {
        let known = names.withLock { $0[GroupKey(table: table, group: group)] }
        let all: [[UInt8]]
        if let known {
            all = known
        } else {
            all = try records(in: table, group: group).compactMap(\.name).sorted { $0.lexicographicallyPrecedes($1) }
            names.withLock { $0[GroupKey(table: table, group: group)] = all }
        }
        let start = all.partitioningIndex { !$0.lexicographicallyPrecedes(namePrefix) }
        var found: [StoreRecord] = []
        for name in all[start...] {
            guard name.starts(with: namePrefix) else { break }
            let key = StoreKey(table, group: group, item: .name(name))
            if let value = try value(of: key) { found.append(StoreRecord(key: key, value: value)) }
        }
        return found
    }

    public func commit(_ changes: [StoreChange]) throws(ClientError) {
        guard !changes.isEmpty else { return }
        try perform {
            try queue.write { db in
                for change in changes {
                    let address = sealing.address(of: change.key)
                    if let value = change.value {
                        let sealed = sealing.seal(value, for: change.key, at: address)
                        try db.cachedStatement(
                            sql: "INSERT OR REPLACE INTO records (kind, grp, item, sealed) VALUES (?, ?, ?, ?)"
                        ).execute(
                            arguments: [address.table, Data(address.group), Data(address.item), Data(sealed)])
                    } else {
                        try db.cachedStatement(
                            sql: "DELETE FROM records WHERE kind = ? AND grp = ? AND item = ?"
                        ).execute(arguments: [address.table, Data(address.group), Data(address.item)])
                    }
                }
            }
        }
        names.withLock { names in
            for change in changes {
                guard case .name(let name) = change.key.item else { continue }
                let group = GroupKey(table: change.key.table, group: change.key.group)
                guard var list = names.removeValue(forKey: group) else { continue }
                let index = list.partitioningIndex { !$0.lexicographicallyPrecedes(name) }
                let isThere = index < list.count && list[index] == name
                if change.value == nil, isThere { list.remove(at: index) }
                if change.value != nil, !isThere { list.insert(name, at: index) }
                names[group] = list
            }
        }
    }

    public func erase() throws(ClientError) {
        try perform {
            try queue.write { db in try db.execute(sql: "DELETE FROM records") }
            try queue.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        }
        names.withLock { $0 = [:] }
    }

    /// Ends the use of the file. Whatever was committed is in it.
    public func close() throws(ClientError) {
        try perform {
            try queue.close()
        }
    }
}

extension StoreRecord {
    fileprivate var name: [UInt8]? { if case .name(let name) = key.item { name } else { nil } }
}

extension Array {
    /// The index of the first element that is `isAfter`; all before it are not.
    fileprivate func partitioningIndex(where isAfter: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
