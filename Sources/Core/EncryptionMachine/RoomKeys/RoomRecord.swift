/// What is remembered of a room.
struct RoomRecord: StoredRecord {
    static var table: RecordTable { .rooms }
    static let defaultPeriodMilliseconds: Int64 = 604_800_000
    static let defaultPeriodMessages: Int64 = 100
    static let periodMillisecondsRange: ClosedRange<Int64> = 3_600_000...2_592_000_000
    static let periodMessagesRange: ClosedRange<Int64> = 1...10_000

    /// Never false again once it was true.
    var isEncrypted = false
    var isSupported = true
    var periodMilliseconds = defaultPeriodMilliseconds
    var periodMessages = defaultPeriodMessages
    /// `shared` until the room says otherwise, as the specification has it.
    var historyVisibility = RoomHistoryVisibility.shared

    static func key(_ room: String) -> [UInt8] { recordKey(room) }

    init() {}

    init(from reader: inout RecordReader) throws(MachineError) {
        isEncrypted = try reader.bool()
        isSupported = try reader.bool()
        periodMilliseconds = try reader.int64()
        periodMessages = try reader.int64()
        guard let visibility = RoomHistoryVisibility(rawValue: try reader.uint8()) else {
            throw MachineError(.damagedRecord, "a room has an impossible history visibility")
        }
        historyVisibility = visibility
    }

    func write(to writer: inout RecordWriter) {
        writer.write(isEncrypted)
        writer.write(isSupported)
        writer.write(periodMilliseconds)
        writer.write(periodMessages)
        writer.write(historyVisibility.rawValue)
    }
}
