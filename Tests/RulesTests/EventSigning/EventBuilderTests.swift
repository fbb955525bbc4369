import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers
import RandomJSON
import Rules
import Testing
import UnpaddedBase64

/// The fast composition of events against the specification's wording.
struct EventBuilderTests {
    private let serverName = ServerName("example.org:8448")!
    private let key = SigningKey.generate(version: "a_1")
    private var builder: EventBuilder { EventBuilder(serverName: serverName, key: key) }

    private static let types = [
        EventType.roomMessage, EventType.roomMember, EventType.roomCreate, EventType.roomJoinRules,
        EventType.roomPowerLevels, EventType.roomHistoryVisibility, EventType.roomRedaction, "type \"with\" \\ 한글\n",
    ]

    /// Keys that some type keeps when it is redacted.
    private static let keptKeys = [
        "membership", "join_authorised_via_users_server", "third_party_invite", "join_rule", "allow", "ban", "events",
        "events_default", "invite", "kick", "redact", "state_default", "users", "users_default", "history_visibility",
        "redacts", "notifications", "room_version",
    ]

    private func content(using generator: inout SeededGenerator) -> JSONObject {
        var content = RandomJSON.object(using: &generator)
        for key in Self.keptKeys where generator.chance(30) { content[key] = RandomJSON.value(using: &generator) }
        if generator.chance(30) { content["third_party_invite"] = ["signed": ["token": "t"], "display_name": "d"] }
        return content
    }

    private func template(
        _ type: String, _ rules: RoomVersionRules, using generator: inout SeededGenerator
    ) throws -> EventTemplate {
        func eventIDs() -> [EventID] {
            (0..<Int.random(in: 0...4, using: &generator)).map { _ in EventID("$\(generator.next())")! }
        }
        let content = content(using: &generator)
        let hasRoomID = !(rules.roomIDIsCreateEventHash && type == EventType.roomCreate)
        return EventTemplate(
            roomID: hasRoomID ? RoomID("!room\"\\é:example.org") : nil, type: type,
            stateKey: generator.chance(50) ? RandomJSON.string(using: &generator) : nil,
            sender: UserID("@a\"\\b:example.org")!, content: content, contentBytes: try content.canonicalBytes(),
            originServerTimestamp: RandomJSON.integer(using: &generator),
            depth: RandomJSON.integer(using: &generator), authEvents: eventIDs(), prevEvents: eventIDs())
    }

    /// The event as the specification says it: a tree, hashed, redacted and signed.
    private func slowlyBuilt(_ template: EventTemplate, rules: RoomVersionRules) throws -> JSONObject {
        var event: JSONObject = [
            "auth_events": .array(template.authEvents.map { .string($0.string) }),
            "content": .object(template.content), "depth": .integer(template.depth),
            "origin_server_ts": .integer(template.originServerTimestamp),
            "prev_events": .array(template.prevEvents.map { .string($0.string) }),
            "sender": .string(template.sender.string), "type": .string(template.type),
        ]
        event["room_id"] = template.roomID.map { .string($0.string) }
        event["state_key"] = template.stateKey.map { .string($0) }
        event["hashes"] = ["sha256": .string(UnpaddedBase64.encode(try EventHash.contentHash(of: event)))]
        let redacted = Redaction.redact(event, rules: rules)
        event["signatures"] = try JSONSigning.sign(redacted, serverName: serverName, key: key)["signatures"]
        return event
    }

    @Test(arguments: types, RoomVersionRules.supported)
    func theFastWayEqualsTheSlowOne(type: String, rules: RoomVersionRules) throws {
        var generator = SeededGenerator.fresh()
        let verifyKey = try #require(VerifyKey(publicKey: key.publicKey))
        for _ in 0..<25 {
            let seed: Comment = "SEED=\(generator.seed)"
            let template = try template(type, rules, using: &generator)
            let hashed = builder.hashed(template, rules: rules)
            let built = try builder.signed(hashed)
            let slow = try slowlyBuilt(template, rules: rules)
            #expect(built.bytes == (try slow.canonicalBytes()), seed)
            let parsed = try #require(try JSONParser.parse(built.bytes).objectValue)
            let eventID = try EventVerification.verify(
                parsed, rules: rules, serverName: serverName, keyID: key.keyID, key: verifyKey)
            #expect(eventID == hashed.event.eventID, seed)
            let read = try PersistentDataUnit(json: parsed, eventID: eventID, roomID: hashed.event.roomID)
            #expect(isSame(read, built.event), seed)
        }
    }

    private func isSame(_ left: PersistentDataUnit, _ right: PersistentDataUnit) -> Bool {
        left.eventID == right.eventID && left.roomID == right.roomID && left.sender == right.sender
            && ByteExactString(left.type) == ByteExactString(right.type)
            && left.stateKey.map(ByteExactString.init) == right.stateKey.map(ByteExactString.init)
            && left.content == right.content && left.originServerTimestamp == right.originServerTimestamp
            && left.depth == right.depth && left.authEvents == right.authEvents && left.prevEvents == right.prevEvents
    }

    // MARK: Room IDs

    private func template(
        roomID: String?, type: String = EventType.roomMessage, stateKey: String? = nil, content: JSONObject = [:]
    ) -> EventTemplate {
        EventTemplate(
            roomID: roomID.map { RoomID($0)! }, type: type, stateKey: stateKey, sender: UserID("@a:example.org")!,
            content: content, contentBytes: content.bytes(), originServerTimestamp: 1, depth: 1, authEvents: [],
            prevEvents: [])
    }

    /// Rule 39.
    @Test func aRoomOfVersion12IsNamedAfterItsCreateEvent() throws {
        let create = builder.hashed(template(roomID: nil, type: EventType.roomCreate, stateKey: ""), rules: .v12)
        #expect(create.event.roomID.string == "!" + create.event.eventID.string.dropFirst())
        #expect(create.event.roomID.createEventID == create.event.eventID)
        #expect(create.event.eventID.string.utf8.count == 44, "43 characters of base64 for 32 bytes")
        let bytes = try builder.signed(create).bytes
        #expect(try JSONParser.parse(bytes).objectValue?["room_id"] == nil)
        try EventAuthorization.authorize(create.event, rules: .v12) { _ in nil }
    }

    // MARK: Sizes

    /// Rule 21: https://spec.matrix.org/v1.19/client-server-api/#size-limits
    @Test func theLargestEventHas65536BytesWithItsSignature() throws {
        func built(_ bodyLength: Int) throws(EventSizeError) -> BuiltEvent {
            let content: JSONObject = ["body": .string(String(repeating: "x", count: bodyLength))]
            return try builder.signed(builder.hashed(template(roomID: "!r:x", content: content), rules: .v12))
        }
        let overhead = try built(0).bytes.count
        #expect(try built(65_536 - overhead).bytes.count == 65_536)
        let error = #expect(throws: EventSizeError.self) { try built(65_537 - overhead) }
        #expect(error == EventSizeError(part: .event, byteCount: 65_537, limit: 65_536))
    }

    /// Rule 21.
    @Test func typeAndStateKeyHaveAtMost255Bytes() throws {
        func failure(type: String = "t", stateKey: String = "") -> EventSizeError? {
            do throws(EventSizeError) {
                _ = try builder.signed(
                    builder.hashed(template(roomID: "!r:x", type: type, stateKey: stateKey), rules: .v12))
                return nil
            } catch { return error }
        }
        let longest = String(repeating: "é", count: 127) + "x"
        #expect(failure(type: longest, stateKey: longest) == nil)
        #expect(failure(type: longest + "x")?.part == .type, "bytes count, not characters")
        #expect(failure(stateKey: longest + "x")?.part == .stateKey)
    }
}
