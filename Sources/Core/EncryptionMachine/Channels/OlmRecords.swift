/// An Olm session with another device.
struct OlmSessionRecord: StoredRecord {
    static var table: RecordTable { .olmSessions }

    let sessionID: String
    var pickle: [UInt8]
    /// When a message was last received; before that, when the session was made.
    var lastUsedAt: Int64

    static func prefix(_ curve25519Key: String) -> [UInt8] { recordKey(curve25519Key) }
    static func key(_ curve25519Key: String, _ sessionID: String) -> [UInt8] { recordKey(curve25519Key, sessionID) }

    init(sessionID: String, pickle: [UInt8], lastUsedAt: Int64) {
        self.sessionID = sessionID
        self.pickle = pickle
        self.lastUsedAt = lastUsedAt
    }

    init(from reader: inout RecordReader) throws(MachineError) {
        sessionID = try reader.string()
        pickle = try reader.byteString()
        lastUsedAt = try reader.int64()
    }

    func write(to writer: inout RecordWriter) {
        writer.write(sessionID)
        writer.write(pickle)
        writer.write(lastUsedAt)
    }
}

/// What stands between this device and another: sessions that are to be made, and those that failed.
struct OlmStateRecord: StoredRecord {
    static var table: RecordTable { .olmStates }

    /// A one-time key of the device is to be claimed.
    var isSessionWanted = false
    /// Not to be tried again before this time.
    var claimAgainAt: Int64 = 0
    var claimFailures: UInt8 = 0
    /// When a broken session was last replaced.
    var replacedAt: Int64 = 0
    /// That there is no session was told, and none has been made since.
    var wasToldOfNoOlm = false

    init() {}

    init(from reader: inout RecordReader) throws(MachineError) {
        isSessionWanted = try reader.bool()
        claimAgainAt = try reader.int64()
        claimFailures = try reader.uint8()
        replacedAt = try reader.int64()
        wasToldOfNoOlm = try reader.bool()
    }

    func write(to writer: inout RecordWriter) {
        writer.write(isSessionWanted)
        writer.write(claimAgainAt)
        writer.write(claimFailures)
        writer.write(replacedAt)
        writer.write(wasToldOfNoOlm)
    }
}

/// A message that waits for an Olm session with its receiver.
struct WaitingMessageRecord: StoredRecord {
    static var table: RecordTable { .waitingMessages }

    let type: String
    /// JSON.
    let content: [UInt8]

    static func prefix(_ device: DeviceName) -> [UInt8] { recordKey("out", device.user, device.device) }

    static func key(_ device: DeviceName, _ number: UInt64) -> [UInt8] { prefix(device) + recordKey(number) }

    init(type: String, content: [UInt8]) {
        self.type = type
        self.content = content
    }

    init(from reader: inout RecordReader) throws(MachineError) {
        type = try reader.string()
        content = try reader.byteString()
    }

    func write(to writer: inout RecordWriter) {
        writer.write(type)
        writer.write(content)
    }
}
