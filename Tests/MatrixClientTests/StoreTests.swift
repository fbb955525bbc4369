import ClientStoreSQLite
import Foundation
import MatrixClient
import Primitives
import ServerUnderTest
import Testing

/// Both stores do the same.
@Suite struct StoreTests {
    private func withStores(_ body: (any ClientStore) throws -> Void) throws {
        try body(MemoryStore())
        let folder = try TemporaryFolder()
        try body(try SQLiteClientStore(path: folder.file("store"), key: .keyFile(path: folder.file("key"))))
    }

    private func event(_ place: Int64, in room: String = "!a") -> StoreKey {
        StoreKey(.events, group: room, place: place)
    }

    @Test func recordsAreKeptReplacedAndDeleted() throws {
        try withStores { store in
            let key = StoreKey(.session, name: "x")
            #expect(try store.value(of: key) == nil)
            try store.commit([StoreChange(key, [1])])
            try store.commit([StoreChange(key, [2]), StoreChange(StoreKey(.rooms, name: "x"), [3])])
            #expect(try store.value(of: key) == [2])
            try store.commit([StoreChange(key, nil)])
            #expect(try store.value(of: key) == nil)
            #expect(try store.records(in: .rooms, group: nil).map(\.value) == [[3]])
            try store.erase()
            #expect(try store.records(in: .rooms, group: nil).isEmpty)
        }
    }

    @Test func placesAreInOrderAlsoBelowZero() throws {
        try withStores { store in
            let places: [Int64] = [.min, -300, -1, 0, 1, 255, 256, 1 << 40, .max]
            try store.commit(
                places.shuffled().map { StoreChange(event($0), Array("\($0)".utf8)) }
                    + [StoreChange(event(5, in: "!b"), [0])])
            func found(_ range: ClosedRange<Int64>, _ order: StoreOrder, _ limit: Int) throws -> [StoreKey] {
                try store.records(in: .events, group: Array("!a".utf8), places: range, order: order, limit: limit)
                    .map(\.key)
            }
            #expect(try found(.min ... .max, .ascending, 100) == places.map { event($0) })
            #expect(try found(-300...256, .descending, 3) == [256, 255, 1].map { event($0) })
            #expect(try found(2...3, .ascending, 9).isEmpty)
        }
    }

    @Test func namesAreFoundByTheirBeginningInOrder() throws {
        try withStores { store in
            func key(_ name: [UInt8]) -> StoreKey { StoreKey(.encryption, group: [3], item: .name(name)) }
            let names: [[UInt8]] = [[], [1], [1, 0], [1, 0, 7], [1, 1], [2], [255, 255]]
            try store.commit(names.shuffled().map { StoreChange(key($0), $0) })
            func found(_ prefix: [UInt8]) throws -> [[UInt8]] {
                try store.records(in: .encryption, group: [3], namePrefix: prefix).map(\.value)
            }
            #expect(try found([]) == names)
            #expect(try found([1, 0]) == [[1, 0], [1, 0, 7]])
            // What changes later is found too.
            try store.commit([StoreChange(key([1, 0]), nil), StoreChange(key([1, 0, 9]), [9])])
            #expect(try found([1, 0]) == [[1, 0, 7], [9]])
            #expect(try found([3]).isEmpty)
        }
    }

    // MARK: At rest

    private static let secret = "a very secret message that nobody may find"

    @Test func theFileTellsNothing() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("store")
        let store = try SQLiteClientStore(path: path, key: .keyFile(path: folder.file("key")))
        try store.commit([
            StoreChange(StoreKey(.events, group: "!room:" + Self.secret, place: 1), Array(Self.secret.utf8)),
            StoreChange(StoreKey(.encryption, group: "g", name: Self.secret), Array(Self.secret.utf8)),
        ])
        try store.close()
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let data = try #require(FileManager.default.contents(atPath: folder.file(name)))
            #expect(data.range(of: Data(Self.secret.utf8)) == nil, "\(name)")
        }
        for name in ["store", "key"] {
            let mode = try FileManager.default.attributesOfItem(atPath: folder.file(name))[.posixPermissions]
            #expect((mode as? NSNumber)?.intValue == 0o600, "\(name)")
        }
    }

    @Test func onlyTheRightKeyOpensIt() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("store")
        let store = try SQLiteClientStore(path: path, key: .passphrase("right"))
        try store.commit([StoreChange(StoreKey(.session, name: "x"), [7])])
        // One process at a time.
        #expect(throws: ClientError.self) { try SQLiteClientStore(path: path, key: .passphrase("right")) }
        try store.close()
        #expect(throws: ClientError.self) { try SQLiteClientStore(path: path, key: .passphrase("wrong")) }
        let again = try SQLiteClientStore(path: path, key: .passphrase("right"))
        #expect(try again.value(of: StoreKey(.session, name: "x")) == [7])
        try again.close()
    }

    @Test func aKeyFileMustBeThereAndOnesOwn() throws {
        let folder = try TemporaryFolder()
        let (path, key) = (folder.file("store"), folder.file("key"))
        try SQLiteClientStore(path: path, key: .keyFile(path: key)).close()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        #expect(throws: ClientError.self) { try SQLiteClientStore(path: path, key: .keyFile(path: key)) }
        try FileManager.default.removeItem(atPath: key)
        #expect(throws: ClientError.self) { try SQLiteClientStore(path: path, key: .keyFile(path: key)) }
        #expect(!FileManager.default.fileExists(atPath: key))
    }
}
