import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers

/// A stored event, ready to be shown to clients: the JSON that all receivers share is made once.
public final class RoomEvent: Sendable {
    /// The state event whose place a state event took.
    public struct ReplacedState: Sendable {
        public let eventID: EventID
        public let sender: UserID
        public let content: JSONObject
    }

    public let position: StreamPosition
    /// Without the IDs of previous and authorising events, which nobody asks a stored event for.
    public let pdu: PersistentDataUnit
    public let replaced: ReplacedState?
    /// Which device sent the event, for the `transaction_id` that this device alone is shown.
    public let transaction: TransactionRecord?
    /// The redaction, when the event has been redacted; the content is then what redaction leaves.
    public let redactedBecause: RoomEvent?
    /// The root of the thread that the event is in; nil in the main timeline.
    public let threadRoot: EventID?
    /// Whether other events have been shown with this one since it was sent: see ``Aggregations``.
    public let hasAggregations: Bool
    /// The members of the client format but `room_id` and `unsigned`, without braces.
    public let clientMembers: [UInt8]

    public var eventID: EventID { pdu.eventID }
    public var sender: UserID { pdu.sender }
    public var type: String { pdu.type }
    public var stateKey: String? { pdu.stateKey }
    public var content: JSONObject { pdu.content }

    init(
        position: StreamPosition, pdu: PersistentDataUnit, contentBytes: [UInt8]? = nil, replaced: ReplacedState?,
        transaction: TransactionRecord? = nil, redactedBecause: RoomEvent? = nil, threadRoot: EventID? = nil,
        hasAggregations: Bool = false
    ) {
        self.position = position
        self.pdu = PersistentDataUnit(
            eventID: pdu.eventID, roomID: pdu.roomID, type: pdu.type, stateKey: pdu.stateKey, sender: pdu.sender,
            content: pdu.content, originServerTimestamp: pdu.originServerTimestamp, depth: pdu.depth, authEvents: [],
            prevEvents: [])
        self.replaced = replaced
        self.transaction = transaction
        self.redactedBecause = redactedBecause
        self.threadRoot = threadRoot
        self.hasAggregations = hasAggregations
        clientMembers = Self.clientMembers(of: pdu, contentBytes: contentBytes ?? pdu.content.bytes())
    }

    /// About how much memory the event takes, its content twice: as a tree and as bytes.
    var byteCount: Int { clientMembers.count * 3 + 400 }

    func asReplacedState() -> ReplacedState {
        ReplacedState(eventID: eventID, sender: sender, content: content)
    }

    private init(aggregating event: RoomEvent) {
        position = event.position
        pdu = event.pdu
        replaced = event.replaced
        transaction = event.transaction
        redactedBecause = event.redactedBecause
        threadRoot = event.threadRoot
        hasAggregations = true
        clientMembers = event.clientMembers
    }

    /// The same event, now that others are shown with it.
    func aggregating() -> RoomEvent { RoomEvent(aggregating: self) }

    /// The same event with only what redaction leaves of it.
    ///
    /// - Parameter redaction: nil when it is redacted for one reader only.
    func redacted(content: JSONObject, because redaction: RoomEvent?) -> RoomEvent {
        let pdu = PersistentDataUnit(
            eventID: eventID, roomID: pdu.roomID, type: type, stateKey: stateKey, sender: sender, content: content,
            originServerTimestamp: pdu.originServerTimestamp, depth: pdu.depth, authEvents: [], prevEvents: [])
        return RoomEvent(
            position: position, pdu: pdu, replaced: nil, transaction: transaction, redactedBecause: redaction,
            threadRoot: threadRoot, hasAggregations: hasAggregations)
    }

    /// This event without what `other`, which has been redacted, said.
    func showing(redacted other: RoomEvent) -> RoomEvent {
        if position == other.position { return other }
        if let replaced, replaced.eventID == other.eventID {
            return RoomEvent(
                position: position, pdu: pdu, replaced: other.asReplacedState(), transaction: transaction,
                redactedBecause: redactedBecause, threadRoot: threadRoot, hasAggregations: hasAggregations)
        }
        if redactedBecause?.eventID == other.eventID { return redacted(content: content, because: other) }
        return self
    }

    private static func clientMembers(of pdu: PersistentDataUnit, contentBytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(contentBytes.count + 220)
        output.append(contentsOf: "\"content\":".utf8)
        output.append(contentsOf: contentBytes)
        output.append(contentsOf: ",\"event_id\":".utf8)
        JSONString.write(pdu.eventID.string, to: &output)
        output.append(contentsOf: ",\"origin_server_ts\":\(pdu.originServerTimestamp)".utf8)
        // Clients of before room version 11 look for it at the top.
        if pdu.type == EventType.roomRedaction, let redacts = pdu.content["redacts"]?.stringValue {
            output.append(contentsOf: ",\"redacts\":".utf8)
            JSONString.write(redacts, to: &output)
        }
        output.append(contentsOf: ",\"sender\":".utf8)
        JSONString.write(pdu.sender.string, to: &output)
        if let stateKey = pdu.stateKey {
            output.append(contentsOf: ",\"state_key\":".utf8)
            JSONString.write(stateKey, to: &output)
        }
        output.append(contentsOf: ",\"type\":".utf8)
        JSONString.write(pdu.type, to: &output)
        return output
    }
}
