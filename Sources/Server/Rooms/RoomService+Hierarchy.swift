import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers

/// The rooms of a space and of the spaces in it.
///
/// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidhierarchy
public struct SpaceHierarchyRequest: Sendable {
    public var suggestedOnly = false
    /// How many steps down from the space; nil as far as it goes.
    public var maximumDepth: Int?
    /// Rooms in one answer.
    public var limit = 50
    /// Where the page before ended.
    public var from: Token?

    public static let maximumLimit = 100

    public init() {}

    /// Which room the page before ended with, and what was asked for then.
    ///
    /// It holds no state of ours, so it never runs out; a room that has left the space meanwhile makes it invalid.
    public struct Token: Sendable, CustomStringConvertible {
        let lastRoom: RoomNumber
        let maximumDepth: Int?
        let suggestedOnly: Bool

        /// Nil when the text is no token of ours.
        public init?(_ text: String) {
            let parts = text.split(separator: "_", omittingEmptySubsequences: false)
            guard parts.count == 4, parts[0] == "h", let room = Int64(parts[1]), parts[3] == "0" || parts[3] == "1"
            else { return nil }
            if parts[2].isEmpty {
                maximumDepth = nil
            } else {
                guard let depth = Int(parts[2]) else { return nil }
                maximumDepth = depth
            }
            lastRoom = RoomNumber(room)
            suggestedOnly = parts[3] == "1"
        }

        init(lastRoom: RoomNumber, request: SpaceHierarchyRequest) {
            self.lastRoom = lastRoom
            maximumDepth = request.maximumDepth
            suggestedOnly = request.suggestedOnly
        }

        public var description: String {
            "h_\(lastRoom.rawValue)_\(maximumDepth.map(String.init) ?? "")_\(suggestedOnly ? 1 : 0)"
        }
    }
}

/// One `m.space.child` of a space.
struct SpaceChild: Sendable {
    let event: RoomEvent
    let roomID: RoomID
    let order: String?
    let isSuggested: Bool

    /// Nil for an event that names no room, or no server to find it by: the child was removed.
    init?(_ event: RoomEvent) {
        guard let roomID = event.stateKey.flatMap(RoomID.init),
            event.content["via"]?.arrayValue?.contains(where: { $0.stringValue != nil }) == true
        else { return nil }
        self.event = event
        self.roomID = roomID
        let order = event.content["order"]?.stringValue
        let isValid = order.map { $0.utf8.count <= 50 && $0.utf8.allSatisfy { (0x20...0x7E).contains($0) } } ?? false
        self.order = isValid ? order : nil
        isSuggested = event.content["suggested"]?.boolValue ?? false
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#ordering-of-children-within-a-space
    static func precedes(_ left: SpaceChild, _ right: SpaceChild) -> Bool {
        switch (left.order, right.order) {
        case (.some(let first), .some(let second)) where !utf8Equal(first, second): return utf8Precedes(first, second)
        case (.some, nil): return true
        case (nil, .some): return false
        default: break
        }
        let times = (left.event.pdu.originServerTimestamp, right.event.pdu.originServerTimestamp)
        guard times.0 == times.1 else { return times.0 < times.1 }
        return utf8Precedes(left.roomID.string, right.roomID.string)
    }

    /// Stripped state with the time, which is part of the order.
    var json: JSONObject {
        [
            "type": .string(event.type), "state_key": .string(roomID.string), "content": .object(event.content),
            "sender": .string(event.sender.string), "origin_server_ts": .integer(event.pdu.originServerTimestamp),
        ]
    }
}

extension RoomService {
    /// Rooms that one request walks through at most, also those before its page.
    private static let maximumVisitedRooms = 5_000

    public func hierarchy(
        of roomID: RoomID, _ request: SpaceHierarchyRequest, userID: UserID
    ) async throws -> (rooms: [JSONObject], next: SpaceHierarchyRequest.Token?) {
        if let from = request.from {
            guard from.maximumDepth == request.maximumDepth, from.suggestedOnly == request.suggestedOnly else {
                throw MatrixError.invalidParameter("'suggested_only' and 'max_depth' stay the same from page to page")
            }
        }
        let joined = try await joinedRoomIDs(of: userID)
        guard let root = try await registry.room(roomID),
            RoomPreview(root, userID: userID).isAccessible(joined: joined)
        else { throw MatrixError.forbidden("you may not see this space") }
        var page: [JSONObject] = []
        var last: RoomNumber?
        var hasReachedPage = request.from == nil
        // Depth first: the next room is at the end.
        var waiting: [(roomID: RoomID, depth: Int)] = [(roomID, 0)]
        var visited: Set<RoomID> = []
        while let (next, depth) = waiting.popLast(), visited.count < Self.maximumVisitedRooms {
            guard visited.insert(next).inserted, let room = try await registry.room(next) else { continue }
            let preview = RoomPreview(room, userID: userID)
            guard preview.isAccessible(joined: joined) else { continue }
            if hasReachedPage, page.count >= request.limit, let last {
                return (page, SpaceHierarchyRequest.Token(lastRoom: last, request: request))
            }
            let children = Self.children(of: room, preview, suggestedOnly: request.suggestedOnly)
            if hasReachedPage {
                var json = preview.json
                json["children_state"] = .array(children.map { .object($0.json) })
                page.append(json)
                last = room.number
            } else if room.number == request.from?.lastRoom {
                hasReachedPage = true
            }
            if depth < request.maximumDepth ?? .max {
                waiting += children.reversed().map { ($0.roomID, depth + 1) }
            }
        }
        guard hasReachedPage else { throw MatrixError.invalidParameter("'from' is no longer a place in this space") }
        return (page, nil)
    }

    private static func children(of room: Room, _ preview: RoomPreview, suggestedOnly: Bool) -> [SpaceChild] {
        guard preview.room.roomType == "m.space" else { return [] }
        let events = room.read { Array($0.state.events(ofType: EventType.spaceChild)) }
        return events.compactMap(SpaceChild.init).filter { $0.isSuggested || !suggestedOnly }
            .sorted(by: SpaceChild.precedes)
    }
}
