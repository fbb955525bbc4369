import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers

/// Makes events of this server: composes the PDU from canonical parts, hashes it and signs it.
///
/// Every message that is sent passes here, so no JSON tree is built and the content is not encoded again. A test holds
/// the result against ``JSONSigning`` and ``EventHash``, which follow the specification's wording.
///
/// https://spec.matrix.org/v1.19/server-server-api/#adding-hashes-and-signatures-to-outgoing-events
public struct EventBuilder: Sendable {
    /// The most bytes of a canonical PDU, signatures included.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#size-limits
    public static let maximumEventByteCount = 65_536
    /// The most bytes of `type` and of `state_key`. The types of `sender` and `room_id` have the same limit.
    public static let maximumFieldByteCount = 255

    private let key: SigningKey
    /// `,"signatures":{"our.server":{"ed25519:key":"`, the same in every event.
    private let signaturePrefix: [UInt8]

    public init(serverName: ServerName, key: SigningKey) {
        self.key = key
        var prefix = Array(",\"signatures\":{".utf8)
        JSONString.write(serverName.string, to: &prefix)
        prefix.append(contentsOf: ":{".utf8)
        JSONString.write(key.keyID, to: &prefix)
        prefix.append(contentsOf: ":\"".utf8)
        signaturePrefix = prefix
    }

    /// Computes the event's hashes, and with them its ID, so that it can be authorised before a signature is paid for.
    ///
    /// `template.roomID` must be there unless the event creates a room of version 12 or later, whose ID this finds.
    public func hashed(_ template: EventTemplate, rules: RoomVersionRules) -> HashedEvent {
        let roomIDIsEventID = rules.roomIDIsCreateEventHash && template.type == EventType.roomCreate
        precondition(
            (template.roomID == nil) == roomIDIsEventID, "only the event that gives the room its ID has no room_id")
        var layout = EventLayout(
            template, roomID: template.roomID, redactedContent: Self.redactedContent(of: template, rules: rules),
            signaturePrefix: signaturePrefix)
        let eventID = layout.fillHashes()
        let event = PersistentDataUnit(
            eventID: eventID, roomID: template.roomID ?? RoomID(createEventID: eventID), type: template.type,
            stateKey: template.stateKey, sender: template.sender, content: template.content,
            originServerTimestamp: template.originServerTimestamp, depth: template.depth,
            authEvents: template.authEvents, prevEvents: template.prevEvents)
        return HashedEvent(event: event, layout: layout)
    }

    /// Signs the event.
    ///
    /// - Throws: when the event or one of its fields is larger than the specification allows.
    public func signed(_ hashed: HashedEvent) throws(EventSizeError) -> BuiltEvent {
        let event = hashed.event
        try check(.type, event.type.utf8.count, limit: Self.maximumFieldByteCount)
        try check(.stateKey, event.stateKey?.utf8.count ?? 0, limit: Self.maximumFieldByteCount)
        try check(.event, hashed.layout.bytes.count, limit: Self.maximumEventByteCount)
        let signature = key.signature(for: hashed.layout.essentialBytes)
        return BuiltEvent(event: event, bytes: hashed.layout.bytes(signature: signature))
    }

    private func check(_ part: EventSizeError.Part, _ byteCount: Int, limit: Int) throws(EventSizeError) {
        guard byteCount <= limit else { throw EventSizeError(part: part, byteCount: byteCount, limit: limit) }
    }

    /// Nil when redaction keeps the whole content.
    private static func redactedContent(of template: EventTemplate, rules: RoomVersionRules) -> [UInt8]? {
        let redacted = Redaction.redactedContent(template.content, type: template.type, rules: rules)
        if redacted.isEmpty { return emptyObject }
        // Redaction only removes from the top level and from `third_party_invite`; the rest compares quickly.
        return redacted == template.content ? nil : redacted.bytes()
    }

    private static let emptyObject = Array("{}".utf8)
}
