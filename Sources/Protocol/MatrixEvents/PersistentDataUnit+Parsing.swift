import CanonicalJSON
import MatrixIdentifiers

/// Why a JSON object is not an event in the federation format.
public struct EventFormatError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The key of the PDU that is missing or wrong.
    public let key: String
    public let reason: String

    public var description: String { "\(key) \(reason)" }
}

extension PersistentDataUnit {
    /// The most entries of `auth_events` and of `prev_events`.
    ///
    /// https://spec.matrix.org/v1.19/rooms/v12/#event-format
    public static let maximumAuthEventCount = 10
    public static let maximumPrevEventCount = 20

    /// Reads an event in the federation format.
    ///
    /// - Parameters:
    ///   - eventID: as computed from the event's hash; the PDU does not carry it.
    ///   - roomID: the room that the event is taken to be in. An event with another `room_id` is refused, and one
    ///     without a `room_id` unless it is a create event (room version 12 and later).
    public init(json: JSONObject, eventID: EventID, roomID: RoomID) throws(EventFormatError) {
        let type = try Self.string("type", of: json)
        if let claimedRoomID = json["room_id"] {
            guard claimedRoomID == .string(roomID.string) else {
                throw EventFormatError(key: "room_id", reason: "is not \(roomID)")
            }
        } else if type != EventType.roomCreate {
            throw EventFormatError(key: "room_id", reason: "is missing")
        }
        guard let sender = UserID(try Self.string("sender", of: json)) else {
            throw EventFormatError(key: "sender", reason: "is not a user ID")
        }
        guard let content = json["content"]?.objectValue else {
            throw EventFormatError(key: "content", reason: "is missing or not an object")
        }
        self.init(
            eventID: eventID, roomID: roomID, type: type,
            stateKey: json["state_key"] == nil ? nil : try Self.string("state_key", of: json),
            sender: sender, content: content,
            originServerTimestamp: try Self.integer("origin_server_ts", of: json),
            depth: try Self.integer("depth", of: json),
            authEvents: try Self.eventIDs("auth_events", of: json, atMost: Self.maximumAuthEventCount),
            prevEvents: try Self.eventIDs("prev_events", of: json, atMost: Self.maximumPrevEventCount))
    }

    /// `type` and `state_key` have the same limit as the identifiers.
    private static func string(_ key: String, of json: JSONObject) throws(EventFormatError) -> String {
        guard let value = json[key]?.stringValue else {
            throw EventFormatError(key: key, reason: "is missing or not a string")
        }
        guard value.utf8.count <= UserID.maximumByteCount else {
            throw EventFormatError(key: key, reason: "is longer than \(UserID.maximumByteCount) bytes")
        }
        return value
    }

    private static func integer(_ key: String, of json: JSONObject) throws(EventFormatError) -> Int64 {
        guard let value = json[key]?.integerValue else {
            throw EventFormatError(key: key, reason: "is missing or not an integer")
        }
        return value
    }

    private static func eventIDs(
        _ key: String, of json: JSONObject, atMost limit: Int
    ) throws(EventFormatError) -> [EventID] {
        guard let values = json[key]?.arrayValue else {
            throw EventFormatError(key: key, reason: "is missing or not an array")
        }
        guard values.count <= limit else { throw EventFormatError(key: key, reason: "has more than \(limit) entries") }
        var eventIDs: [EventID] = []
        for value in values {
            guard let eventID = value.stringValue.flatMap(EventID.init) else {
                throw EventFormatError(key: key, reason: "holds something that is not an event ID")
            }
            eventIDs.append(eventID)
        }
        return eventIDs
    }
}
