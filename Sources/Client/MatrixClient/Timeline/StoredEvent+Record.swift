import CanonicalJSON
import MatrixIdentifiers

/// How an event is written in the store.
extension StoredEvent {
    package static func key(_ roomID: RoomID, _ place: Int64) -> StoreKey {
        StoreKey(.events, group: roomID.string, place: place)
    }

    package func change(in roomID: RoomID) -> StoreChange {
        var record: JSONObject = ["event": .object(event)]
        if let clear {
            record["clear"] = ["type": .string(clear.type), "content": .object(clear.content)]
        }
        if let unreadable { record["unreadable"] = .object(unreadable.json) }
        if protection != .none { record["protection"] = .string(protection.code) }
        return StoreChange(Self.key(roomID, place), record.bytes())
    }

    /// Nil when the record is none of an event.
    package init?(_ record: StoreRecord) {
        guard case .place(let place) = record.key.item, let json = ServerCaller.object(record.value),
            let event = json["event"]?.objectValue
        else { return nil }
        self.init(place: place, event: event)
        if let clear = json["clear"]?.objectValue, let type = clear.string(at: "type") {
            self.clear = Clear(type: type, content: clear["content"]?.objectValue ?? [:])
        }
        unreadable = json["unreadable"]?.objectValue.map(UnreadableReason.init)
        protection = json.string(at: "protection").map(Protection.init) ?? .none
    }
}

extension UnreadableReason {
    package var json: JSONObject {
        switch self {
        case .keysMissing: ["reason": "missing"]
        case .sentBeforeThisDevice: ["reason": "before"]
        case .withheld(let code): ["reason": "withheld", "text": .string(code)]
        case .invalid(let text): ["reason": "invalid", "text": .string(text)]
        }
    }

    package init(_ json: JSONObject) {
        let text = json.string(at: "text") ?? ""
        switch json.string(at: "reason") {
        case "before": self = .sentBeforeThisDevice
        case "withheld": self = .withheld(code: text)
        case "invalid": self = .invalid(text)
        default: self = .keysMissing
        }
    }
}

extension Protection {
    package var code: String {
        switch self {
        case .none: "none"
        case .verified: "verified"
        case .encrypted: "encrypted"
        case .doubtful(.unsignedDevice): "unsigned"
        case .doubtful(.unknownDevice): "unknown"
        case .doubtful(.changedIdentity): "changed"
        case .doubtful(.unprovenSender): "unproven"
        }
    }

    package init(_ code: String) {
        switch code {
        case "verified": self = .verified
        case "encrypted": self = .encrypted
        case "unsigned": self = .doubtful(.unsignedDevice)
        case "changed": self = .doubtful(.changedIdentity)
        case "unproven": self = .doubtful(.unprovenSender)
        case "none": self = .none
        default: self = .doubtful(.unknownDevice)
        }
    }
}
