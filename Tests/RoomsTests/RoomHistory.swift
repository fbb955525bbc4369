import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Rules
import ServerUnderTest
import Testing

/// Everything that is stored of a room, the earliest first.
struct RoomHistory {
    struct Entry {
        let record: EventRecord
        let json: JSONObject
        let pdu: PersistentDataUnit
    }

    let roomID: RoomID
    let rules: RoomVersionRules
    let entries: [Entry]
    let currentState: [EventRecord]

    init(_ roomID: RoomID, of server: TestServer) async throws {
        let (room, records, state) = try await server.database.read { store throws in
            let room = try #require(try store.room(roomID))
            let records = try store.timeline(
                of: room.number, after: .zero, before: StreamPosition(.max), limit: 100_000, direction: .forward)
            return (room, records, try store.currentState(of: room.number))
        }
        self.roomID = roomID
        rules = try #require(RoomVersionRules.named(room.version))
        currentState = state
        entries = try records.map { record in
            let json = try JSONObject(parsing: record.pdu)
            return Entry(
                record: record, json: json,
                pdu: try PersistentDataUnit(json: json, eventID: record.eventID, roomID: roomID))
        }
    }

    var types: [String] { entries.map(\.pdu.type) }

    /// Checks all that another server would check.
    func verify(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let key = try #require(VerifyKey(publicKey: TestServer.signingKey.publicKey))
        var state: [StateTuple: PersistentDataUnit] = [:]
        var byID: [EventID: PersistentDataUnit] = [:]
        var previous: PersistentDataUnit?
        for entry in entries {
            let pdu = entry.pdu
            if entry.record.redactedBy == nil {
                let verified = try EventVerification.verify(
                    entry.json, rules: rules, serverName: TestServer.name, keyID: TestServer.signingKey.keyID, key: key)
                #expect(verified == pdu.eventID, sourceLocation: sourceLocation)
            } else {
                // The signature covers what redaction leaves.
                #expect(throws: Never.self, sourceLocation: sourceLocation) {
                    try JSONSigning.verify(
                        entry.json, serverName: TestServer.name, keyID: TestServer.signingKey.keyID, key: key)
                }
                #expect(
                    try EventHash.eventID(of: entry.json, rules: rules) == pdu.eventID, sourceLocation: sourceLocation)
            }
            #expect(pdu.prevEvents == (previous.map { [$0.eventID] } ?? []), sourceLocation: sourceLocation)
            #expect(pdu.depth == (previous?.depth ?? 0) + 1, sourceLocation: sourceLocation)

            let authEvents = try pdu.authEvents.map { try #require(byID[$0], sourceLocation: sourceLocation) }
            try EventAuthorization.checkAuthEvents(pdu, authEvents: authEvents, rules: rules)
            let expected = EventAuthorization.authEventTuples(
                type: pdu.type, stateKey: pdu.stateKey, sender: pdu.sender, content: pdu.content, rules: rules)
            #expect(
                Set(pdu.authEvents) == Set(expected.compactMap { state[$0]?.eventID }), sourceLocation: sourceLocation)
            try EventAuthorization.authorize(pdu, rules: rules) { state[$0] }

            if let tuple = pdu.stateTuple {
                let replaced = state[tuple].flatMap { old in entries.first { $0.pdu.eventID == old.eventID } }
                #expect(entry.record.replaces == replaced?.record.position, sourceLocation: sourceLocation)
                state[tuple] = pdu
            }
            byID[pdu.eventID] = pdu
            previous = pdu
        }
        #expect(
            Set(currentState.map(\.eventID)) == Set(state.values.map(\.eventID)), sourceLocation: sourceLocation)
    }
}

extension TestServer {
    /// What readers see of the room agrees with what is stored.
    func expectViewAgrees(_ roomID: RoomID, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let history = try await RoomHistory(roomID, of: self)
        let (state, joined, invited, latest) = try await rooms.room(roomID).read { view in
            (view.state.all.map(\.eventID), view.joinedCount, view.invitedCount, view.latestPosition)
        }
        #expect(Set(state) == Set(history.currentState.map(\.eventID)), sourceLocation: sourceLocation)
        let members = history.entries.reduce(into: [String: Membership]()) { members, entry in
            guard entry.pdu.type == EventType.roomMember, let key = entry.pdu.stateKey else { return }
            members[key] = entry.pdu.membership
        }
        #expect(joined == members.values.count { $0 == .join }, sourceLocation: sourceLocation)
        #expect(invited == members.values.count { $0 == .invite }, sourceLocation: sourceLocation)
        #expect(latest == history.entries.last?.record.position, sourceLocation: sourceLocation)
    }
}

/// The code that a call is refused with; nil when it is not.
func refusal(_ body: () async throws -> Void) async -> ErrorCode? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? MatrixError)?.code ?? .unknown
    }
}
