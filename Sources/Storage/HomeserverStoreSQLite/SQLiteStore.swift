import Foundation
import GRDB
import HomeserverStore
import MatrixIdentifiers
import UnpaddedBase64

/// One connection inside a transaction; the stores of the aggregates are its extensions.
package struct SQLiteStore {
    let db: Database

    package init(db: Database) { self.db = db }

    /// Runs a statement that is prepared once a connection.
    func execute(_ sql: String, _ arguments: StatementArguments = []) throws {
        try db.cachedStatement(sql: sql).execute(arguments: arguments)
    }

    func row(_ sql: String, _ arguments: StatementArguments = []) throws -> Row? {
        try Row.fetchOne(db.cachedStatement(sql: sql), arguments: arguments)
    }

    func rows(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
        try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments)
    }
}

/// A row that says what cannot be: the file was changed by something else.
struct CorruptRow: Error {
    let table: String
    let column: String
}

extension ByteExactString {
    /// As a column that is compared but never read back: SQLite's texts end at a NUL, so one that has any is kept as
    /// bytes. Otherwise the type `m.room.power_levels\0` would take the place of the room's power levels.
    var column: any DatabaseValueConvertible {
        string.utf8.contains(0) ? Data(string.utf8) : string
    }
}

extension [UInt8] {
    var data: Data { Data(self) }
}

extension Data {
    var bytes: [UInt8] { [UInt8](self) }
}

extension EventID {
    /// The 32 bytes that the event ID spells; nil for one that names no event of a supported room version.
    var hash: Data? {
        guard string.utf8.count == 44, let bytes = UnpaddedBase64.decode(String(string.dropFirst()), alphabet: .urlSafe)
        else { return nil }
        return Data(bytes)
    }

    init(hash: Data) throws {
        guard hash.count == 32, let eventID = EventID("$" + UnpaddedBase64.encode(hash, alphabet: .urlSafe)) else {
            throw CorruptRow(table: "events", column: "event_hash")
        }
        self = eventID
    }
}

extension Row {
    func identifier<ID: MatrixIdentifier>(_ column: String, _: ID.Type) throws -> ID {
        guard let identifier = ID(self[column] as String) else { throw CorruptRow(table: "", column: column) }
        return identifier
    }

    /// What ``ByteExactString/column`` has written: bytes where the text holds a NUL.
    func optionalText(_ column: String) -> String? {
        let value: DatabaseValue = self[column]
        switch value.storage {
        case .string(let text): return text
        case .blob(let data): return String(decoding: data, as: UTF8.self)
        case .null, .int64, .double: return nil
        }
    }

    func text(_ column: String) -> String { optionalText(column) ?? "" }

    func position(_ column: String) -> StreamPosition { StreamPosition(self[column]) }

    func optionalPosition(_ column: String) -> StreamPosition? { (self[column] as Int64?).map { StreamPosition($0) } }
}

extension SQLiteStore: ServerWriter {
    package func streamPosition() throws -> StreamPosition {
        let row = try row("SELECT value FROM server_state WHERE name = 'stream_position'")
        return StreamPosition(row?["value"] ?? 0)
    }

    package func setStreamPosition(_ position: StreamPosition) throws {
        try execute(
            "INSERT OR REPLACE INTO server_state (name, value) VALUES ('stream_position', ?)", [position.rawValue])
    }

    package func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        try execute("SAVEPOINT command")
        do {
            let value = try body()
            try execute("RELEASE command")
            return value
        } catch {
            try execute("ROLLBACK TO command")
            try execute("RELEASE command")
            throw error
        }
    }
}
