import CanonicalJSON
import MatrixIdentifiers

/// An event as the device keeps it: as the server sent it, and what was in it when it was encrypted.
package struct StoredEvent: Sendable, Equatable {
    /// Its place in the room's timeline; later events have higher ones.
    package let place: Int64
    package var event: JSONObject
    /// What an encrypted event turned out to be.
    package var clear: Clear?
    /// Why an encrypted event is not readable.
    package var unreadable: UnreadableReason?
    package var protection: Protection = .none

    package struct Clear: Sendable, Equatable {
        package let type: String
        package let content: JSONObject

        package init(type: String, content: JSONObject) {
            self.type = type
            self.content = content
        }
    }

    package init(place: Int64, event: JSONObject) {
        self.place = place
        self.event = event
    }

    package var eventID: String { event.string(at: "event_id") ?? "" }
    package var sender: UserID? { event.string(at: "sender").flatMap(UserID.init) }
    package var timestamp: Int64 { event["origin_server_ts"]?.integerValue ?? 0 }
    package var stateKey: String? { event.string(at: "state_key") }
    /// What it was sent under from this device.
    package var transactionID: String? { event["unsigned"]?["transaction_id"]?.stringValue }
    package var isEncrypted: Bool { wireType == "m.room.encrypted" }
    package var wireType: String { event.string(at: "type") ?? "" }
    package var type: String { clear?.type ?? wireType }
    package var content: JSONObject { clear?.content ?? event["content"]?.objectValue ?? [:] }
    package var redactedBecause: JSONObject? { event["unsigned"]?["redacted_because"]?.objectValue }

    /// What it relates to: from the cleartext, where the server sees it.
    package var relation: Relation? { Relation(content["m.relates_to"]?.objectValue) }

    /// Whether people count it as something to read.
    package var isMessage: Bool {
        guard stateKey == nil, redactedBecause == nil else { return false }
        switch type {
        case "m.room.message", "m.sticker", "m.room.encrypted": return relation?.isReplacement != true
        default: return false
        }
    }

    package func mentions(_ userID: UserID) -> Bool {
        let mentions = content["m.mentions"]?.objectValue
        return mentions?["room"]?.boolValue == true
            || mentions?.strings(at: "user_ids").contains {
                utf8Equal($0, userID.string)
            } == true
    }

    /// The event without what its sender or a moderator has deleted.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#redactions
    package func redacted(because redaction: JSONObject) -> StoredEvent {
        var copy = self
        copy.clear = nil
        copy.unreadable = nil
        copy.protection = .none
        let content = event["content"]?.objectValue ?? [:]
        // Of state, what says who is in the room stays; the rest is of no use to a client.
        copy.event["content"] = .object(wireType == "m.room.member" ? content.keeping(only: ["membership"]) : [:])
        var unsigned = event["unsigned"]?.objectValue?.keeping(only: ["transaction_id", "age"]) ?? [:]
        unsigned["redacted_because"] = .object(redaction)
        copy.event["unsigned"] = .object(unsigned)
        return copy
    }
}

/// `m.relates_to`.
///
/// https://spec.matrix.org/v1.19/client-server-api/#forming-relationships-between-events
package struct Relation: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case replacement
        case annotation(key: String)
        case thread
        case other
    }

    package let kind: Kind
    /// Empty for a rich reply that is nothing else.
    package let eventID: String
    package let replyTo: String?

    package init?(_ json: JSONObject?) {
        guard let json else { return nil }
        replyTo = json["m.in_reply_to"]?["event_id"]?.stringValue
        eventID = json.string(at: "event_id") ?? ""
        switch json.string(at: "rel_type") {
        case "m.replace": kind = .replacement
        case "m.annotation": kind = .annotation(key: json.string(at: "key") ?? "")
        case "m.thread": kind = .thread
        default: kind = .other
        }
        guard replyTo != nil || !eventID.isEmpty else { return nil }
    }

    package var isReplacement: Bool { kind == .replacement }
}
