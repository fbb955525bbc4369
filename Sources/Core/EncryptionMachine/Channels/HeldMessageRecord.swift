/// A decrypted to-device event from a device that is not in its user's list yet.
struct HeldMessageRecord: StoredRecord {
    static var table: RecordTable { .waitingMessages }

    let senderKey: String
    let claimedEd25519Key: String
    /// The decrypted payload, JSON.
    let payload: [UInt8]

    static var prefix: [UInt8] { recordKey("in") }
    static func prefix(_ sender: String) -> [UInt8] { recordKey("in", sender) }
    static func key(_ sender: String, _ number: UInt64) -> [UInt8] { prefix(sender) + recordKey(number) }

    init(senderKey: String, claimedEd25519Key: String, payload: [UInt8]) {
        self.senderKey = senderKey
        self.claimedEd25519Key = claimedEd25519Key
        self.payload = payload
    }

    init(from reader: inout RecordReader) throws(MachineError) {
        senderKey = try reader.string()
        claimedEd25519Key = try reader.string()
        payload = try reader.byteString()
    }

    func write(to writer: inout RecordWriter) {
        writer.write(senderKey)
        writer.write(claimedEd25519Key)
        writer.write(payload)
    }
}
