import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

/// What a client asks of sliding sync, in whichever of its two forms.
///
/// A class, so that a request that waits holds a reference and not copies.
///
/// https://github.com/matrix-org/matrix-spec-proposals/pull/4186
public final class SlidingSyncRequest: Sendable {
    public enum Form: Sendable {
        /// What clients send today, to an unstable path.
        case unstable
        /// What has been accepted: all of it in the body.
        case v4
    }

    /// A window onto the user's rooms by latest activity.
    struct List: Sendable {
        let name: String
        let filter: RoomListFilter?
        /// Indices into the filtered rooms; nil for all of them.
        let ranges: [ClosedRange<Int>]?
        let config: Config
    }

    /// How much of a room is wanted.
    struct Config: Sendable {
        let timelineLimit: Int
        /// An index into ``SlidingSyncRequest/requiredStates``.
        let requiredState: Int
    }

    public let userID: UserID
    public let device: DeviceNumber
    public let form: Form
    /// Names the connection among those of the device.
    let connectionID: ByteExactString
    /// Nil begins the connection anew.
    let position: String?
    let timeoutMilliseconds: Int64
    /// To be sent back.
    let transactionID: String?
    public let presence: String?
    let lists: [List]
    let subscriptions: [RoomID: Config]
    /// Those that differ from each other.
    let requiredStates: [RequiredState]
    /// For which rooms; nil when it is not wanted.
    let accountData: SlidingExtensionScope?
    let receipts: SlidingExtensionScope?
    let typing: SlidingExtensionScope?
    let toDevice: SlidingEncryption.ToDevice?
    let wantsEndToEnd: Bool

    private static let maximumLists = 100
    private static let maximumSubscriptions = 1_000
    private static let maximumRanges = 20
    /// Events of one room in one answer; who asks for more gets these.
    private static let maximumTimelineLimit = 100
    private static let maximumNameBytes = 255

    /// - Parameters:
    ///   - body: the request's body.
    ///   - query: reads a parameter of the query, where the unstable form has `pos`, `timeout` and `set_presence`.
    /// - Throws: `M_BAD_JSON`, `M_INVALID_PARAM` or `M_MISSING_PARAM` when it is no such request.
    public init(
        _ form: Form, userID: UserID, device: DeviceNumber, body: JSONObject, query: (String) -> String?
    ) throws(MatrixError) {
        self.userID = userID
        self.device = device
        self.form = form
        connectionID = ByteExactString(try Self.name(try body.optionalString("conn_id") ?? "", "conn_id"))
        transactionID = try body.optionalString("txn_id")
        switch form {
        case .unstable:
            position = query("pos")
            timeoutMilliseconds = try Self.timeout(query("timeout"))
            presence = query("set_presence")
        case .v4:
            position = try body.optionalString("pos")
            timeoutMilliseconds = max(0, try body.optionalInteger("timeout") ?? 0)
            presence = try body.optionalString("set_presence")
        }
        guard presence.map({ ["online", "offline", "unavailable"].contains($0) }) ?? true else {
            throw .invalidParameter("'set_presence' must be online, offline or unavailable")
        }
        var parser = Parser(form: form, userID: userID)
        lists = try parser.lists(body, atMost: Self.maximumLists)
        subscriptions = try parser.subscriptions(body, atMost: Self.maximumSubscriptions)
        requiredStates = parser.requiredStates
        let extensions = try body.optionalObject("extensions") ?? [:]
        accountData = try SlidingExtensionScope(extensions, "account_data")
        receipts = try SlidingExtensionScope(extensions, "receipts")
        typing = try SlidingExtensionScope(extensions, "typing")
        toDevice = try SlidingEncryption.ToDevice(extensions)
        wantsEndToEnd = try extensions.optionalObject("e2ee")?.optionalBool("enabled") ?? false
    }

    private static func timeout(_ text: String?) throws(MatrixError) -> Int64 {
        guard let text else { return 0 }
        guard let timeout = Int64(text) else { throw .invalidParameter("'timeout' must be an integer") }
        return max(0, timeout)
    }

    private static func name(_ name: String, _ field: String) throws(MatrixError) -> String {
        guard name.utf8.count <= maximumNameBytes else { throw .invalidParameter("'\(field)' is too long") }
        return name
    }

    private struct Parser {
        let form: Form
        let userID: UserID
        var requiredStates: [RequiredState] = []

        mutating func lists(_ body: JSONObject, atMost maximum: Int) throws(MatrixError) -> [List] {
            let members = try body.optionalObject("lists")?.members ?? []
            guard members.count <= maximum else { throw .invalidParameter("'lists' are too many") }
            var lists: [List] = []
            for member in members {
                guard let json = member.value.objectValue else { throw .badJSON("a list must be an object") }
                let filters = try json.optionalObject("filters")
                lists.append(
                    List(
                        name: try name(member.key, "lists"),
                        filter: try filters.map { filters throws(MatrixError) in
                            try RoomListFilter(json: filters, invited: form == .v4 ? "is_invited" : "is_invite")
                        }, ranges: try ranges(json), config: try config(json)))
            }
            return lists
        }

        mutating func subscriptions(_ body: JSONObject, atMost maximum: Int) throws(MatrixError) -> [RoomID: Config] {
            let members = try body.optionalObject("room_subscriptions")?.members ?? []
            guard members.count <= maximum else { throw .invalidParameter("'room_subscriptions' are too many") }
            var subscriptions: [RoomID: Config] = [:]
            for member in members {
                guard let json = member.value.objectValue else { throw .badJSON("a subscription must be an object") }
                // What is no room ID names no room that the user may see.
                if let roomID = RoomID(member.key) { subscriptions[roomID] = try config(json) }
            }
            return subscriptions
        }

        private mutating func config(_ json: JSONObject) throws(MatrixError) -> Config {
            let limit = try json.integer("timeline_limit")
            guard limit >= 0 else { throw .invalidParameter("'timeline_limit' must not be negative") }
            let state =
                switch form {
                case .unstable:
                    try RequiredState(unstable: try json.optionalArray("required_state") ?? [], userID: userID)
                case .v4: try RequiredState(v4: try json.optionalObject("required_state") ?? [:])
                }
            let index = requiredStates.firstIndex(of: state) ?? requiredStates.count
            if index == requiredStates.count { requiredStates.append(state) }
            return Config(timelineLimit: Int(min(limit, Int64(maximumTimelineLimit))), requiredState: index)
        }

        private func ranges(_ json: JSONObject) throws(MatrixError) -> [ClosedRange<Int>]? {
            switch form {
            case .v4:
                return try json.optionalArray("range").map { range throws(MatrixError) in [try self.range(range)] }
            case .unstable:
                guard let values = try json.optionalArray("ranges") else {
                    // A list without a window is counted only, unless all of it is wanted.
                    return try json.optionalBool("slow_get_all_rooms") == true ? nil : []
                }
                guard values.count <= maximumRanges else { throw .invalidParameter("'ranges' are too many") }
                var ranges: [ClosedRange<Int>] = []
                for value in values {
                    guard let pair = value.arrayValue else { throw .badJSON("a range must be an array") }
                    ranges.append(try range(pair))
                }
                return ranges
            }
        }

        private func range(_ pair: [JSONValue]) throws(MatrixError) -> ClosedRange<Int> {
            guard pair.count == 2, let first = pair[0].integerValue, let last = pair[1].integerValue else {
                throw .badJSON("a range must be two integers")
            }
            guard first >= 0, last >= first else { throw .invalidParameter("a range must go from low to high") }
            return Int(first)...Int(last)
        }
    }
}
