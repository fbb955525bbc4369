import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import ServerUnderTest
import Sync
import Testing

/// A client of sliding sync: sends requests on one connection and goes on from the last answer.
struct SlidingClient {
    let user: TestUser
    let form: SlidingSyncRequest.Form
    var connection = "room-list"
    var position: String?
    var body: JSONObject

    init(_ user: TestUser, _ form: SlidingSyncRequest.Form = .unstable, body: JSONObject = SlidingClient.elementX) {
        self.user = user
        self.form = form
        self.body = body
    }

    /// What Element X asks for of each room.
    static let elementXState: JSONValue = [
        ["m.room.name", ""], ["m.room.encryption", ""], ["m.room.topic", ""], ["m.room.avatar", ""],
        ["m.room.canonical_alias", ""], ["m.room.power_levels", ""], ["m.room.join_rules", ""],
        ["m.room.tombstone", ""], ["m.room.create", ""], ["m.room.history_visibility", ""],
        ["m.room.member", "$LAZY"], ["m.room.member", "$ME"], ["org.matrix.msc3401.call.member", "*"],
        ["io.element.functional_members", ""], ["m.space.parent", "*"], ["m.space.child", "*"],
        ["org.matrix.msc3672.beacon_info", "*"],
    ]

    /// What Element X's room list sends.
    static let elementX: JSONObject = [
        "lists": [
            "all_rooms": [
                "ranges": [[0, 19]], "timeline_limit": 1, "required_state": elementXState,
                "filters": ["not_room_types": ["m.space"]],
            ]
        ],
        "extensions": [
            "account_data": ["enabled": true], "receipts": ["enabled": true, "rooms": ["*"]],
            "typing": ["enabled": true],
        ],
    ]

    /// One list of everything, or the window `range`, with what the test wants of the rooms.
    static func list(
        _ range: ClosedRange<Int64> = 0...19, limit: Int64 = 10, state: JSONValue = [], filters: JSONObject = [:]
    ) -> JSONObject {
        [
            "lists": [
                "a": [
                    "ranges": [[.integer(range.lowerBound), .integer(range.upperBound)]],
                    "timeline_limit": .integer(limit), "required_state": state, "filters": .object(filters),
                ]
            ]
        ]
    }

    /// - Parameter position: nil to begin the connection anew.
    func answer(
        of server: TestServer, from position: String?, timeoutMilliseconds: Int64 = 0
    ) async throws -> SlidingAnswerJSON {
        var body = body
        if body["conn_id"] == nil { body["conn_id"] = .string(connection) }
        var query: [String: String] = [:]
        switch form {
        case .unstable:
            query["pos"] = position
            query["timeout"] = String(timeoutMilliseconds)
        case .v4:
            body["pos"] = position.map { .string($0) }
            body["timeout"] = .integer(timeoutMilliseconds)
        }
        let request = try SlidingSyncRequest(
            form, userID: user.userID, device: user.device, body: body, query: { query[$0] })
        return try SlidingAnswerJSON(json: JSONObject(parsing: try await server.sync.slidingSync(request)))
    }

    mutating func sync(with server: TestServer, timeoutMilliseconds: Int64 = 0) async throws -> SlidingAnswerJSON {
        let answer = try await answer(of: server, from: position, timeoutMilliseconds: timeoutMilliseconds)
        position = answer.position
        return answer
    }

    /// Begins a request that has to wait, and answers once it does.
    func waiting(on server: TestServer) async throws -> Task<SlidingAnswerJSON, any Error> {
        let before = server.sync.waitCount
        let finished = Counter()
        let task = Task {
            defer { finished.increase() }
            return try await answer(of: server, from: position, timeoutMilliseconds: 30_000)
        }
        while server.sync.waitCount <= before, finished.value == 0 { await Task.yield() }
        #expect(finished.value == 0, "the request did not wait")
        return task
    }
}

/// What a client reads of an answer.
struct SlidingAnswerJSON: Sendable {
    let json: JSONObject

    init(json: JSONObject) throws { self.json = json }

    var position: String { json["pos"]?.stringValue ?? "" }
    var rooms: JSONObject { json["rooms"]?.objectValue ?? [:] }
    var count: Int64? { json["lists"]?.objectValue?.members.first?.value["count"]?.integerValue }

    func room(_ roomID: RoomID) -> JSONValue? { rooms[roomID.string] }
    func extensionOf(_ name: String) -> JSONValue? { json["extensions"]?[name] }
    func globalAccountData(_ type: String) -> JSONValue? {
        extensionOf("account_data")?["global"]?.arrayValue?.first { $0["type"]?.stringValue == type }
    }
}

extension JSONValue {
    var bodies: [String] { (self["timeline"]?.arrayValue ?? []).compactMap { $0["content"]?["body"]?.stringValue } }
    var isInitial: Bool { self["initial"] == true }
    var isLimited: Bool { self["limited"] == true }
    var requiredState: [JSONValue] { self["required_state"]?.arrayValue ?? [] }
    var requiredTypes: Set<String> { Set(requiredState.compactMap { $0["type"]?.stringValue }) }
    var members: Set<String> {
        Set(requiredState.filter { $0["type"] == "m.room.member" }.compactMap { $0["state_key"]?.stringValue })
    }
}

func expectUnknownPosition(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> SlidingAnswerJSON
) async {
    do {
        _ = try await body()
        Issue.record("the position was accepted", sourceLocation: sourceLocation)
    } catch {
        #expect((error as? MatrixError)?.code == .unknownPosition, sourceLocation: sourceLocation)
        #expect((error as? MatrixError)?.status == 400, sourceLocation: sourceLocation)
    }
}
