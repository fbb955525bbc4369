import CanonicalJSON
import MatrixIdentifiers

/// Something that is to be sent, as it stands in the store.
package struct QueueEntry: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case event(type: String)
        case redaction(reason: String?)
    }

    package enum State: Sendable, Equatable {
        case waiting
        case failed(ClientError)
        /// The server has it; the entry stays until the event comes back with a sync.
        case sent(eventID: String)
    }

    /// A file that is uploaded before the event is sent; its bytes are in the store under the transaction ID.
    package struct Upload: Sendable, Equatable {
        package var mimeType: String
        package var name: String

        package init(mimeType: String, name: String) {
            self.mimeType = mimeType
            self.name = name
        }
    }

    package let roomID: RoomID
    /// Entries are sent in the order of their places.
    package let place: Int64
    /// The same in every attempt, so that the server takes the event once.
    package let transactionID: String
    package var kind: Kind
    /// Not encrypted.
    package var content: JSONObject
    /// What an annotation, edit or redaction is about: an event ID, or the reference of an entry of this queue.
    package var target: String?
    /// The event's content once it is encrypted. It is stored before it is sent, and sent again as it is: a message
    /// is never encrypted twice.
    package var encrypted: JSONObject?
    package var upload: Upload?
    package var state = State.waiting
    package let timestamp: Int64
    /// The person has thrown it away while it was on its way: it is redacted as soon as it is sent.
    package var isCancelled = false
    /// Whether an attempt may have reached the server.
    package var hasBeenTried = false

    package init(
        roomID: RoomID, place: Int64, transactionID: String, kind: Kind, content: JSONObject, target: String? = nil,
        timestamp: Int64
    ) {
        self.roomID = roomID
        self.place = place
        self.transactionID = transactionID
        self.kind = kind
        self.content = content
        self.target = target
        self.timestamp = timestamp
    }

    /// What other entries call this one before the server has given it an ID. No event ID begins like this.
    package var reference: String { Self.reference(transactionID) }
    package static func reference(_ transactionID: String) -> String { "~" + transactionID }
    package static func isReference(_ target: String) -> Bool { target.utf8.first == UInt8(ascii: "~") }

    package var eventType: String {
        switch kind {
        case .event(let type): type
        case .redaction: "m.room.redaction"
        }
    }

    /// The entries of this queue that must be sent before this one can be.
    package var references: [String] {
        let relation = content["m.relates_to"]
        return [target, relation?["event_id"]?.stringValue, relation?["m.in_reply_to"]?["event_id"]?.stringValue]
            .compactMap { $0 }.filter(Self.isReference)
    }

    /// - Returns: whether anything of it spoke of the reference.
    package mutating func resolve(_ reference: String, to eventID: String) -> Bool {
        guard references.contains(where: { utf8Equal($0, reference) }) else { return false }
        func resolved(_ value: String?) -> String? {
            value.map { utf8Equal($0, reference) ? eventID : $0 }
        }
        target = resolved(target)
        if var relation = content["m.relates_to"]?.objectValue {
            if let id = resolved(relation.string(at: "event_id")) { relation["event_id"] = .string(id) }
            if var reply = relation["m.in_reply_to"]?.objectValue, let id = resolved(reply.string(at: "event_id")) {
                reply["event_id"] = .string(id)
                relation["m.in_reply_to"] = .object(reply)
            }
            content["m.relates_to"] = .object(relation)
        }
        return true
    }

    package var sendState: SendState {
        switch state {
        case .waiting: upload == nil ? .waiting : .uploading
        case .failed(let error): .failed(error)
        case .sent: .sent
        }
    }

    package var eventID: String? { if case .sent(let eventID) = state { eventID } else { nil } }
    /// The server must see redactions, and reactions are encrypted like anything else.
    package var needsEncryption: Bool { if case .event = kind { true } else { false } }
    package var isWaiting: Bool { state == .waiting }
}

/// How an entry is written in the store.
extension QueueEntry {
    package var key: StoreKey { StoreKey(.sendQueue, group: roomID.string, place: place) }
    package var uploadKey: StoreKey { StoreKey(.uploads, group: roomID.string, name: transactionID) }
    package var deletion: StoreChange { StoreChange(key, nil) }

    package var change: StoreChange {
        var json: JSONObject = [
            "room": .string(roomID.string), "transaction": .string(transactionID), "content": .object(content),
            "time": .integer(timestamp),
        ]
        switch kind {
        case .event(let type): json["type"] = .string(type)
        case .redaction(let reason): if let reason { json["reason"] = .string(reason) }
        }
        if let target { json["target"] = .string(target) }
        if let encrypted { json["encrypted"] = .object(encrypted) }
        if let upload { json["upload"] = ["mime": .string(upload.mimeType), "name": .string(upload.name)] }
        if isCancelled { json["cancelled"] = true }
        if hasBeenTried { json["tried"] = true }
        switch state {
        case .waiting: break
        case .sent(let eventID): json["sent"] = .string(eventID)
        case .failed(let error): json["failed"] = .object(error.json)
        }
        return StoreChange(key, json.bytes())
    }

    /// Nil when the record is none of an entry.
    package init?(_ record: StoreRecord) {
        guard case .place(let place) = record.key.item, let json = ServerCaller.object(record.value),
            let roomID = json.string(at: "room").flatMap(RoomID.init),
            let transactionID = json.string(at: "transaction"), let content = json["content"]?.objectValue
        else { return nil }
        let kind: Kind =
            json.string(at: "type").map { .event(type: $0) } ?? .redaction(reason: json.string(at: "reason"))
        self.init(
            roomID: roomID, place: place, transactionID: transactionID, kind: kind, content: content,
            target: json.string(at: "target"), timestamp: json["time"]?.integerValue ?? 0)
        encrypted = json["encrypted"]?.objectValue
        upload = json["upload"].flatMap { upload in
            upload["mime"]?.stringValue.map { Upload(mimeType: $0, name: upload["name"]?.stringValue ?? "") }
        }
        isCancelled = json["cancelled"]?.boolValue ?? false
        hasBeenTried = json["tried"]?.boolValue ?? false
        if let eventID = json.string(at: "sent") {
            state = .sent(eventID: eventID)
        } else if let error = json["failed"]?.objectValue {
            state = .failed(ClientError(json: error))
        }
    }
}

/// Why an entry has failed, as it is stored.
extension ClientError {
    fileprivate var json: JSONObject {
        var json: JSONObject = ["reason": .string(reason)]
        switch code {
        case .refused(let errorCode):
            json["code"] = "refused"
            json["errcode"] = .string(errorCode)
        case .identityChanged(let userIDs):
            json["code"] = "identity"
            json["users"] = .array(userIDs.map { .string($0) })
        case .encryption: json["code"] = "encryption"
        case .notFound: json["code"] = "not_found"
        case .unsupported: json["code"] = "unsupported"
        default: json["code"] = "invalid"
        }
        return json
    }

    fileprivate init(json: JSONObject) {
        let code: Code =
            switch json.string(at: "code") {
            case "refused": .refused(errorCode: json.string(at: "errcode") ?? "")
            case "identity": .identityChanged(userIDs: json.strings(at: "users"))
            case "encryption": .encryption
            case "not_found": .notFound
            case "unsupported": .unsupported
            default: .invalidRequest
            }
        self.init(code, json.string(at: "reason") ?? "")
    }
}
