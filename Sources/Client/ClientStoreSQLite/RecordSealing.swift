import MatrixClient
import Primitives

/// Turns records into rows that say little to whoever has the file and not the key.
///
/// Hidden are groups, names and values. Not hidden are how many records each table has, which of them belong to the same
/// group, the order of a room's events, how large values are and when they change. A row is bound to its key: moved to
/// another it does not open. An older copy of the whole file, or of a row, cannot be told from the newest.
struct RecordSealing: Sendable {
    private let valueKey: [UInt8]
    private let nameKey: [UInt8]
    private let random: RandomSource

    /// - Parameter master: 32 bytes.
    init(master: [UInt8], random: RandomSource) {
        valueKey = HKDFSHA256.derive(from: master, salt: [], info: Array("naru store values".utf8), count: 32)
        nameKey = HKDFSHA256.derive(from: master, salt: [], info: Array("naru store names".utf8), count: 32)
        self.random = random
    }

    /// The columns that a record is found by.
    struct Address: Hashable {
        let table: Int
        let group: [UInt8]
        let item: [UInt8]
    }

    func group(_ group: [UInt8], in table: StoreTable) -> [UInt8] {
        Array(HMACSHA256.authenticate([UInt8(table.rawValue)] + group, key: nameKey).prefix(16))
    }

    func address(of key: StoreKey) -> Address {
        let group = group(key.group, in: key.table)
        let item: [UInt8] =
            switch key.item {
            case .place(let place): Self.bytes(of: place)
            case .name(let name): Array(HMACSHA256.authenticate([0] + group + name, key: nameKey).prefix(16))
            }
        return Address(table: key.table.rawValue, group: group, item: item)
    }

    /// Eight bytes in the order of the numbers.
    static func bytes(of place: Int64) -> [UInt8] {
        let bits = UInt64(bitPattern: place) ^ (1 << 63)
        return (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) }
    }

    func seal(_ value: [UInt8], for key: StoreKey, at address: Address) -> [UInt8] {
        var plaintext = Self.lengthPrefixed(key.group)
        if case .name(let name) = key.item { plaintext += Self.lengthPrefixed(name) }
        plaintext += value
        let nonce = random.bytes(AES256GCM.nonceBytes)
        return nonce
            + AES256GCM.seal(plaintext, key: valueKey, nonce: nonce, authenticating: Self.associated(address))
    }

    /// - Throws: ``ClientError/Code/store`` when the row is not as it was written.
    func open(_ sealed: [UInt8], at address: Address) throws(ClientError) -> StoreRecord {
        guard let table = StoreTable(rawValue: address.table), sealed.count > AES256GCM.nonceBytes else {
            throw Self.damaged
        }
        var plaintext: ArraySlice<UInt8>
        do {
            plaintext = try AES256GCM.open(
                Array(sealed[AES256GCM.nonceBytes...]), key: valueKey, nonce: Array(sealed[..<AES256GCM.nonceBytes]),
                authenticating: Self.associated(address))[...]
        } catch {
            throw Self.damaged
        }
        guard let group = Self.takeLengthPrefixed(&plaintext) else { throw Self.damaged }
        let item: StoreKey.Item
        if address.item.count == 8 {
            let bits = address.item.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            item = .place(Int64(bitPattern: bits ^ (1 << 63)))
        } else {
            guard let name = Self.takeLengthPrefixed(&plaintext) else { throw Self.damaged }
            item = .name(name)
        }
        return StoreRecord(key: StoreKey(table, group: group, item: item), value: Array(plaintext))
    }

    private static let damaged = ClientError(.store, "a record on this device is damaged")

    private static func associated(_ address: Address) -> [UInt8] {
        [UInt8(truncatingIfNeeded: address.table)] + address.group + address.item
    }

    private static func lengthPrefixed(_ bytes: [UInt8]) -> [UInt8] {
        let count = UInt32(bytes.count)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + bytes
    }

    private static func takeLengthPrefixed(_ bytes: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard bytes.count >= 4 else { return nil }
        let count = Int(bytes.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        bytes = bytes.dropFirst(4)
        guard bytes.count >= count else { return nil }
        defer { bytes = bytes.dropFirst(count) }
        return Array(bytes.prefix(count))
    }
}
