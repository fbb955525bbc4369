/// A session that is not here (or not from its beginning): who was asked for it, and why it is withheld.
struct MissingSessionRecord: StoredRecord {
    static var table: RecordTable { .missingSessions }

    var withheld: WithheldCode?
    /// The `request_id` of the request that was sent; nil when none was.
    var requestID: String?
    var requestedAt: Int64 = 0

    static func key(_ room: String, _ sessionID: String) -> [UInt8] { recordKey(room, sessionID) }

    init() {}

    init(from reader: inout RecordReader) throws(MachineError) {
        let code = try reader.uint8()
        withheld = code == 0 ? nil : WithheldCode(rawValue: code) ?? .other
        requestID = try reader.optionalString()
        requestedAt = try reader.int64()
    }

    func write(to writer: inout RecordWriter) {
        writer.write(withheld?.rawValue ?? 0)
        writer.write(requestID)
        writer.write(requestedAt)
    }
}
