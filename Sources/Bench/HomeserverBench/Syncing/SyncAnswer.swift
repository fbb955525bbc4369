import CanonicalJSON

/// What a benchmark reads of an answer to `GET /sync`: one room's new messages.
///
/// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3sync
package struct SyncAnswer: Sendable, Equatable {
    package let nextBatch: String
    /// The benchmark's messages in the room's timeline.
    package let messages: [MessageMark]
    /// Where the messages begin that the server left out; nil when there are none such.
    package let gapBefore: String?

    /// Nil when `answer` is no answer to a sync.
    package init?(_ answer: JSONValue?, roomID: String) {
        guard let object = answer?.objectValue, let nextBatch = object["next_batch"]?.stringValue else { return nil }
        self.nextBatch = nextBatch
        let timeline = object["rooms"]?.objectValue?["join"]?.objectValue?[roomID]?.objectValue?["timeline"]?
            .objectValue
        messages = MessageMark.all(in: timeline?["events"])
        let isLimited = timeline?["limited"]?.boolValue ?? false
        gapBefore = isLimited ? timeline?["prev_batch"]?.stringValue : nil
    }
}

/// What a benchmark reads of an answer to `GET /rooms/{roomId}/messages`.
///
/// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidmessages
package struct HistoryAnswer: Sendable, Equatable {
    package let messages: [MessageMark]
    /// Where to read on; nil at the end.
    package let end: String?

    package init?(_ answer: JSONValue?) {
        guard let object = answer?.objectValue, let chunk = object["chunk"]?.arrayValue else { return nil }
        messages = MessageMark.all(in: .array(chunk))
        end = chunk.isEmpty ? nil : object["end"]?.stringValue
    }
}

extension MessageMark {
    /// The marks of the messages among `events`, in their order.
    package static func all(in events: JSONValue?) -> [MessageMark] {
        (events?.arrayValue ?? []).compactMap { event in
            guard let object = event.objectValue, object["type"]?.stringValue == "m.room.message",
                let text = object["content"]?.objectValue?["body"]?.stringValue
            else { return nil }
            return MessageMark(text: text)
        }
    }
}
