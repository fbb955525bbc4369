/// What a record is about. The raw values are stored; none is used twice.
public enum StoreTable: Int, Sendable, CaseIterable {
    /// Who is signed in, and how far the sync has got.
    case session = 1
    case rooms = 2
    /// A room's present state; the group is the room, the name the type and the state key.
    case state = 3
    /// A room's events by their place in the timeline.
    case events = 4
    /// Event IDs and their places.
    case places = 5
    case receipts = 6
    case accountData = 7
    /// What is to be sent; the group is the room.
    case sendQueue = 8
    /// Files that are to be sent.
    case uploads = 9
    case profiles = 10
    /// Events that wait for their keys; the group is the room and the session.
    case unreadable = 11
    /// What the encryption machine keeps; the group is its own table's number.
    case encryption = 32
}

/// Where a record stands: in a group of its table, under a name or at a place.
public struct StoreKey: Hashable, Sendable {
    public enum Item: Hashable, Sendable {
        case name([UInt8])
        /// A place in an order that ``ClientStore/records(in:group:places:order:limit:)`` can walk.
        case place(Int64)
    }

    public let table: StoreTable
    public let group: [UInt8]
    public let item: Item

    public init(_ table: StoreTable, group: [UInt8], item: Item) {
        self.table = table
        self.group = group
        self.item = item
    }

    public init(_ table: StoreTable, group: String = "", name: String) {
        self.init(table, group: Array(group.utf8), item: .name(Array(name.utf8)))
    }

    public init(_ table: StoreTable, group: String = "", place: Int64) {
        self.init(table, group: Array(group.utf8), item: .place(place))
    }
}

/// One change: a new value, or none to delete the record.
public struct StoreChange: Sendable, Equatable {
    public let key: StoreKey
    public let value: [UInt8]?

    public init(_ key: StoreKey, _ value: [UInt8]?) {
        self.key = key
        self.value = value
    }
}

public struct StoreRecord: Sendable, Equatable {
    public let key: StoreKey
    public let value: [UInt8]

    public init(key: StoreKey, value: [UInt8]) {
        self.key = key
        self.value = value
    }
}

public enum StoreOrder: Sendable {
    case ascending, descending
}

/// What a session keeps on the device. `ClientStoreSQLite` is one; ``MemoryStore`` forgets.
///
/// A session calls it from one place at a time. Reads are quick (a record, a page), so they are not asynchronous.
///
/// Errors are ``ClientError`` with the code ``ClientError/Code/store``.
public protocol ClientStore: Sendable {
    func value(of key: StoreKey) throws(ClientError) -> [UInt8]?

    /// The records of a group whose items are places, in their order.
    func records(
        in table: StoreTable, group: [UInt8], places: ClosedRange<Int64>, order: StoreOrder, limit: Int
    ) throws(ClientError) -> [StoreRecord]

    /// The records of a group, or of the whole table when `group` is nil, in any order.
    func records(in table: StoreTable, group: [UInt8]?) throws(ClientError) -> [StoreRecord]

    /// The records of a group whose names begin with these bytes, in the order of the names' bytes.
    func records(in table: StoreTable, group: [UInt8], namePrefix: [UInt8]) throws(ClientError) -> [StoreRecord]

    /// Makes all of the changes durable, or none. When it returns, they survive the end of the process and a power cut.
    func commit(_ changes: [StoreChange]) throws(ClientError)

    /// Deletes everything, for good.
    func erase() throws(ClientError)
}
