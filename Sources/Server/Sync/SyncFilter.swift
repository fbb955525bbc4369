import CanonicalJSON
import MatrixAPI

/// What a client wants of a sync.
///
/// A class, so that the thousands of requests that wait hold a reference each and not copies.
///
/// https://spec.matrix.org/v1.19/client-server-api/#filtering
public final class SyncFilter: Sendable {
    public let accountData: EventFilter
    public let presence: EventFilter
    /// Which rooms at all.
    public let room: EventFilter
    public let roomState: EventFilter
    public let roomTimeline: EventFilter
    public let roomEphemeral: EventFilter
    public let roomAccountData: EventFilter
    public let includesLeft: Bool
    /// Nil: all of them.
    let eventFields: EventFields?

    public init(json: JSONObject) throws(MatrixError) {
        func part(_ object: JSONObject?, _ key: String) throws(MatrixError) -> EventFilter {
            guard let json = try object?.optionalObject(key) else { return EventFilter() }
            return try EventFilter(json: json)
        }
        accountData = try part(json, "account_data")
        presence = try part(json, "presence")
        eventFields = try json.optionalStrings("event_fields").map(EventFields.init)
        let room = try json.optionalObject("room")
        var rooms = EventFilter()
        rooms.rooms = try room.map(EventFilter.init(json:))?.rooms
        rooms.notRooms = try room.map(EventFilter.init(json:))?.notRooms ?? []
        self.room = rooms
        roomState = try part(room, "state")
        roomTimeline = try part(room, "timeline")
        roomEphemeral = try part(room, "ephemeral")
        roomAccountData = try part(room, "account_data")
        includesLeft = try room?.optionalBool("include_leave") ?? false
    }

    private init() {
        let all = EventFilter()
        (accountData, room, roomState, roomTimeline, roomEphemeral, roomAccountData) = (all, all, all, all, all, all)
        presence = all
        includesLeft = false
        eventFields = nil
    }

    /// Passes everything.
    public static let all = SyncFilter()

    /// Events of a room's timeline in one answer, when the client does not say.
    public var timelineLimit: Int { min(roomTimeline.limit ?? 10, 100) }

    var includesRedundantMembers: Bool {
        roomState.includeRedundantMembers || roomTimeline.includeRedundantMembers
    }

    public var lazyLoadsMembers: Bool { roomState.lazyLoadMembers || roomTimeline.lazyLoadMembers }
}
