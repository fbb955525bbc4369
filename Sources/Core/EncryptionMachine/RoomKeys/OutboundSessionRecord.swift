/// The session that a room's messages are encrypted with.
struct OutboundSessionRecord: StoredRecord {
    static var table: RecordTable { .outboundSessions }

    var pickle: [UInt8]
    let sessionID: String
    let createdAt: Int64
    let sharesHistory: Bool
    /// Somebody who may have it has left: not to be used again.
    var isDiscarded = false
    /// How many messages it has encrypted.
    var messageCount: UInt32 = 0

    static func key(_ room: String) -> [UInt8] { recordKey(room) }

    init(pickle: [UInt8], sessionID: String, createdAt: Int64, sharesHistory: Bool) {
        self.pickle = pickle
        self.sessionID = sessionID
        self.createdAt = createdAt
        self.sharesHistory = sharesHistory
    }

    init(from reader: inout RecordReader) throws(MachineError) {
        pickle = try reader.byteString()
        sessionID = try reader.string()
        createdAt = try reader.int64()
        sharesHistory = try reader.bool()
        isDiscarded = try reader.bool()
        messageCount = try reader.uint32()
    }

    func write(to writer: inout RecordWriter) {
        writer.write(pickle)
        writer.write(sessionID)
        writer.write(createdAt)
        writer.write(sharesHistory)
        writer.write(isDiscarded)
        writer.write(messageCount)
    }
}

/// That a device was given the session, or was told why not.
struct SharedSessionRecord: StoredRecord {
    static var table: RecordTable { .sharedSessions }

    /// The key of the device it was encrypted for.
    let curve25519Key: String
    /// Nil when the device was given the session.
    let withheld: WithheldCode?
    /// From which message on.
    let index: UInt32

    static func prefix(_ room: String, _ sessionID: String) -> [UInt8] { recordKey(room, sessionID) }

    static func key(_ room: String, _ sessionID: String, _ device: DeviceRecord) -> [UInt8] {
        recordKey(room, sessionID, device.userID, device.deviceID)
    }

    init(curve25519Key: String, withheld: WithheldCode?, index: UInt32) {
        self.curve25519Key = curve25519Key
        self.withheld = withheld
        self.index = index
    }

    init(from reader: inout RecordReader) throws(MachineError) {
        curve25519Key = try reader.string()
        let code = try reader.uint8()
        withheld = code == 0 ? nil : WithheldCode(rawValue: code) ?? .other
        index = try reader.uint32()
    }

    func write(to writer: inout RecordWriter) {
        writer.write(curve25519Key)
        writer.write(withheld?.rawValue ?? 0)
        writer.write(index)
    }
}
