/// This device's own keys, and what the server knows of them.
struct AccountRecord: StoredRecord {
    static var table: RecordTable { .account }
    static var key: [UInt8] { recordKey("account") }

    let userID: String
    let deviceID: String
    var pickle: [UInt8]
    var deviceKeysAreUploaded = false
    /// How many one-time keys the server has; nil until it has said so.
    var oneTimeKeysOnServer: UInt32?
    /// When the fallback key was made; 0 when there is none.
    var fallbackKeyMadeAt: Int64 = 0
    /// After the server has refused an upload: not before this time.
    var uploadAgainAt: Int64 = 0

    init(userID: String, deviceID: String, pickle: [UInt8]) {
        self.userID = userID
        self.deviceID = deviceID
        self.pickle = pickle
    }

    init(from reader: inout RecordReader) throws(MachineError) {
        userID = try reader.string()
        deviceID = try reader.string()
        pickle = try reader.byteString()
        deviceKeysAreUploaded = try reader.bool()
        oneTimeKeysOnServer = try reader.bool() ? try reader.uint32() : nil
        fallbackKeyMadeAt = try reader.int64()
        uploadAgainAt = try reader.int64()
    }

    func write(to writer: inout RecordWriter) {
        writer.write(userID)
        writer.write(deviceID)
        writer.write(pickle)
        writer.write(deviceKeysAreUploaded)
        writer.write(oneTimeKeysOnServer != nil)
        if let oneTimeKeysOnServer { writer.write(oneTimeKeysOnServer) }
        writer.write(fallbackKeyMadeAt)
        writer.write(uploadAgainAt)
    }
}
