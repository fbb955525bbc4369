/// A session to decrypt a room's messages with.
///
/// Records stand under room, session and owner. Whoever has a session's key could pass it off as his own before its
/// owner's message arrives; such a copy has another owner and takes nobody's place.
struct InboundSessionRecord: StoredRecord {
    static var table: RecordTable { .inboundSessions }

    var pickle: [UInt8]
    /// The Curve25519 key of the device that made it, as whoever gave it says.
    var senderKey: String
    /// The Ed25519 key of that device.
    var claimedEd25519Key: String
    var origin: SessionOrigin
    var sharesHistory: Bool
    /// Devices that it was forwarded through.
    var forwardingChain: [String]
    var firstKnownIndex: UInt32

    static func prefix(_ room: String) -> [UInt8] { recordKey(room) }
    static func prefix(_ room: String, _ sessionID: String) -> [UInt8] { recordKey(room, sessionID) }

    /// - Parameter owner: the user whose device made it; empty when nobody knows for certain.
    static func key(_ room: String, _ sessionID: String, owner: String) -> [UInt8] {
        recordKey(room, sessionID, owner)
    }

    init(
        pickle: [UInt8], senderKey: String, claimedEd25519Key: String, origin: SessionOrigin, sharesHistory: Bool,
        forwardingChain: [String] = [], firstKnownIndex: UInt32
    ) {
        self.pickle = pickle
        self.senderKey = senderKey
        self.claimedEd25519Key = claimedEd25519Key
        self.origin = origin
        self.sharesHistory = sharesHistory
        self.forwardingChain = forwardingChain
        self.firstKnownIndex = firstKnownIndex
    }

    init(from reader: inout RecordReader) throws(MachineError) {
        pickle = try reader.byteString()
        senderKey = try reader.string()
        claimedEd25519Key = try reader.string()
        let kind = try reader.uint8()
        let source = try reader.string()
        guard let origin = SessionOrigin(kind: kind, source: source) else {
            throw MachineError(.damagedRecord, "a session has no known origin")
        }
        self.origin = origin
        sharesHistory = try reader.bool()
        forwardingChain = try reader.strings()
        firstKnownIndex = try reader.uint32()
    }

    func write(to writer: inout RecordWriter) {
        writer.write(pickle)
        writer.write(senderKey)
        writer.write(claimedEd25519Key)
        writer.write(origin.kind)
        writer.write(origin.source)
        writer.write(sharesHistory)
        writer.write(forwardingChain)
        writer.write(firstKnownIndex)
    }
}

extension SessionOrigin {
    fileprivate var kind: UInt8 {
        switch self {
        case .direct: 1
        case .forwarded: 2
        case .backup: 3
        case .imported: 4
        case .bundle: 5
        }
    }

    fileprivate var source: String {
        switch self {
        case .forwarded(let device): device
        case .bundle(let user): user
        case .direct, .backup, .imported: ""
        }
    }

    fileprivate init?(kind: UInt8, source: String) {
        switch kind {
        case 1: self = .direct
        case 2: self = .forwarded(byDevice: source)
        case 3: self = .backup
        case 4: self = .imported
        case 5: self = .bundle(from: source)
        default: return nil
        }
    }
}
