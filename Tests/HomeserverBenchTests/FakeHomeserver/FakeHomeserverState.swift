import CanonicalJSON
import NIOCore

/// Which promises of a homeserver the fake one breaks.
struct FakeFaults: Sendable {
    /// The message with this number, counted from 0 over all senders, is acknowledged but delivered to nobody.
    var losesMessage: Int?
    /// The message with this number is delivered twice.
    var repeatsMessage: Int?
    /// So many calls are refused with 429 before any is answered.
    var refusals = 0
    /// Events that a sync answers at most.
    var timelineLimit = 1000
    /// Every connection is closed instead of acknowledging the message with this number or a later one.
    var stopsAtMessage: Int?
}

/// What the fake homeserver knows: one log of all rooms' events, whose length is the sync token.
struct FakeHomeserverState {
    struct Entry {
        let roomID: String
        let event: JSONValue
        let isDelivered: Bool
    }

    struct Waiting {
        let userID: String
        let since: Int
        let promise: EventLoopPromise<FakeAnswer>
    }

    var faults: FakeFaults
    private(set) var log: [Entry] = []
    private(set) var members: [String: Set<String>] = [:]
    var waiting: [Waiting] = []
    private var userIDs: Set<String> = []
    private var messageCount = 0

    init(faults: FakeFaults) { self.faults = faults }

    mutating func register(_ body: JSONObject) -> FakeAnswer {
        guard body["auth"] != nil else {
            return FakeAnswer(401, ["flows": [["stages": ["m.login.dummy"]]], "session": "s", "params": [:]])
        }
        let userID = "@\(body["username"]?.stringValue ?? ""):fake"
        guard userIDs.insert(userID).inserted else { return FakeAnswer(400, ["errcode": "M_USER_IN_USE"]) }
        return session(of: userID)
    }

    /// The token is the user's name: the fake keeps nobody out.
    func session(of userID: String) -> FakeAnswer {
        FakeAnswer(200, ["user_id": .string(userID), "access_token": .string(userID)])
    }

    mutating func createRoom(as userID: String) -> FakeAnswer {
        let roomID = "!\(members.count):fake"
        members[roomID] = [userID]
        return FakeAnswer(200, ["room_id": .string(roomID)])
    }

    mutating func join(_ roomID: String, as userID: String) -> FakeAnswer {
        members[roomID, default: []].insert(userID)
        return FakeAnswer(200, ["room_id": .string(roomID)])
    }

    /// - Returns: nil when the server is to stop instead.
    mutating func send(_ content: JSONObject, to roomID: String) -> FakeAnswer? {
        let number = messageCount
        messageCount += 1
        let eventID = "$\(number)"
        let event: JSONValue = [
            "type": "m.room.message", "event_id": .string(eventID), "content": .object(content),
        ]
        log.append(Entry(roomID: roomID, event: event, isDelivered: number != faults.losesMessage))
        if number == faults.repeatsMessage { log.append(Entry(roomID: roomID, event: event, isDelivered: true)) }
        if let last = faults.stopsAtMessage, number >= last { return nil }
        return FakeAnswer(200, ["event_id": .string(eventID)])
    }

    /// - Returns: nil when there is nothing new.
    func sync(as userID: String, since: Int) -> FakeAnswer? {
        var rooms = JSONObject()
        for (roomID, members) in members where members.contains(userID) {
            let events = log[since...].filter { $0.roomID == roomID && $0.isDelivered }
            guard !events.isEmpty else { continue }
            let shown = events.suffix(faults.timelineLimit)
            let timeline: JSONObject = [
                "events": .array(shown.map(\.event)), "limited": .bool(shown.count < events.count),
                "prev_batch": .string(String(log.count - shown.count)),
            ]
            rooms[roomID] = ["timeline": .object(timeline)]
        }
        guard !rooms.isEmpty else { return nil }
        return syncAnswer(rooms: rooms)
    }

    func syncAnswer(rooms: JSONObject = [:]) -> FakeAnswer {
        FakeAnswer(200, ["next_batch": .string(String(log.count)), "rooms": ["join": .object(rooms)]])
    }

    /// Pages of ten events, backwards.
    func messages(in roomID: String, from: Int?) -> FakeAnswer {
        let before = log[..<min(from ?? log.count, log.count)].enumerated().filter {
            $0.element.roomID == roomID && $0.element.isDelivered
        }
        let page = before.suffix(10).reversed()
        var answer: JSONObject = ["chunk": .array(page.map(\.element.event))]
        if let last = page.last, last.offset > 0 { answer["end"] = .string(String(last.offset)) }
        return FakeAnswer(200, .object(answer))
    }
}

struct FakeAnswer: Sendable {
    let status: Int
    let json: JSONValue
    let headers: [(String, String)]

    init(_ status: Int, _ json: JSONValue, headers: [(String, String)] = []) {
        self.status = status
        self.json = json
        self.headers = headers
    }
}
