import Foundation
import HomeserverStore
import HomeserverStoreSQLite
import MatrixIdentifiers
import Testing
import UnpaddedBase64

/// A backend that must pass these tests.
struct Backend: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Opens or makes the database in a folder.
    let open: @Sendable (_ folder: String) throws -> any HomeserverDatabase

    static let all = [
        Backend(testDescription: "SQLite") { try SQLiteDatabase(path: $0 + "/store.sqlite") }
    ]

    /// Runs `body` on an empty database, and takes it away.
    func withDatabase(_ body: (any HomeserverDatabase) async throws -> Void) async throws {
        try await withFolder { folder throws in
            let database = try open(folder)
            try await body(database)
            try database.close()
        }
    }

    func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("naru-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.path)
    }
}

extension HomeserverDatabase {
    /// Writes and answers what `body` does.
    func writing<Value>(_ body: (any StoreWriter) throws -> Value) throws -> Value {
        var value: Value?
        try write { value = try body($0) }
        return try #require(value)
    }
}

let alice = UserID("@alice:test")!
let bob = UserID("@bob:test")!
let carol = UserID("@carol:test")!

func roomID(_ name: String) -> RoomID { RoomID("!\(name):test")! }

/// An event ID that is made of a number.
func eventID(_ number: Int) -> EventID {
    var bytes = [UInt8](repeating: 7, count: 32)
    for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: number >> (index * 8)) }
    return EventID("$" + UnpaddedBase64.encode(bytes, alphabet: .urlSafe))!
}

func at(_ position: Int64) -> StreamPosition { StreamPosition(position) }

extension EventWriter {
    /// An event whose position, ID and bytes follow from one number; as current state if it is one.
    @discardableResult
    func addEvent(
        _ number: Int, in room: RoomNumber, state: StateTuple? = nil, replaces: StreamPosition? = nil
    ) throws -> EventRecord {
        let record = EventRecord(
            position: at(Int64(number)), room: room, eventID: eventID(number), pdu: Array("pdu \(number)".utf8),
            replaces: replaces, redactedBy: nil)
        try insertEvent(record, stateTuple: state)
        if let state { try setCurrentState(state, in: room, to: record.position) }
        return record
    }

}

extension AccountWriter {
    func addAccount(_ userID: UserID) throws {
        try insertAccount(AccountRecord(userID: userID, passwordHash: nil, createdAt: 1))
    }
}

extension [EventRecord] {
    var positions: [Int64] { map(\.position.rawValue) }
}
