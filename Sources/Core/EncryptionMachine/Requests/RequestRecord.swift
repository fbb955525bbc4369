/// A request that waits for its answer.
struct RequestRecord: StoredRecord {
    static var table: RecordTable { .requests }

    let kind: OutgoingRequest.Kind
    let method: OutgoingRequest.Method
    let path: String
    let body: [UInt8]
    /// The room whose messages wait for this request.
    let room: String?
    /// What whoever made the request needs when it is answered.
    let context: [UInt8]

    init(
        kind: OutgoingRequest.Kind, method: OutgoingRequest.Method, path: String, body: [UInt8], room: String? = nil,
        context: [UInt8] = []
    ) {
        self.kind = kind
        self.method = method
        self.path = path
        self.body = body
        self.room = room
        self.context = context
    }

    init(from reader: inout RecordReader) throws(MachineError) {
        guard let kind = OutgoingRequest.Kind(rawValue: try reader.uint8()),
            let method = OutgoingRequest.Method(rawValue: try reader.uint8())
        else { throw MachineError(.damagedRecord, "a request is of no known kind") }
        self.kind = kind
        self.method = method
        path = try reader.string()
        body = try reader.byteString()
        room = try reader.optionalString()
        context = try reader.byteString()
    }

    func write(to writer: inout RecordWriter) {
        writer.write(kind.rawValue)
        writer.write(method.rawValue)
        writer.write(path)
        writer.write(body)
        writer.write(room)
        writer.write(context)
    }
}
