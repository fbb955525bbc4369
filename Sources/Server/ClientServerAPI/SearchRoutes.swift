import CanonicalJSON
import HangulSearch
import MatrixAPI
import MatrixClientAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Search
import Sync

struct SearchRoutes: Routes {
    let search: SearchService
    let rooms: RoomService
    let presenter: EventPresenter

    private static let maximumLimit = 100
    private static let maximumTermBytes = 4_096

    func register(on table: inout RouteTable) {
        table.on(.search, use: search)
    }

    private func search(_ call: Call) async throws -> Reply {
        let categories = try call.body().object("search_categories")
        guard let criteria = try categories.optionalObject("room_events") else {
            return .json(["search_categories": [:]])
        }
        let request = try request(criteria, call)
        let groupKeys = try Self.groupKeys(criteria)
        let context = try criteria.optionalObject("event_context").map(SearchContextRequest.init)
        let includesState = try criteria.optionalBool("include_state") ?? false

        let page = try await search.search(request)
        let writer = SearchPageWriter(
            rooms: rooms, userID: call.userID,
            format: try await presenter.format(of: page.results.map(\.event), for: call))
        return .bytes(
            try await writer.write(page, groupKeys: groupKeys, context: context, includesState: includesState))
    }

    private func request(_ criteria: JSONObject, _ call: Call) throws(MatrixError) -> SearchRequest {
        let term = try criteria.string("search_term")
        guard term.utf8.count <= Self.maximumTermBytes else {
            throw .tooLarge("'search_term' has at most \(Self.maximumTermBytes) bytes")
        }
        var request = SearchRequest(userID: call.userID, query: SearchQuery(term))
        if let keys = try criteria.optionalStrings("keys") {
            request.keys = []
            for name in keys {
                guard let key = SearchKey(rawValue: name) else {
                    throw .invalidParameter("'\(name.prefix(80))' is no key that can be searched")
                }
                request.keys.insert(key)
            }
        }
        if let name = try criteria.optionalString("order_by") {
            guard let order = SearchRequest.Order(rawValue: name) else {
                throw .invalidParameter("'order_by' must be rank or recent")
            }
            request.order = order
        }
        let filter = try criteria.optionalObject("filter").map(EventFilter.init(json:)) ?? EventFilter()
        request.limit = min(max(filter.limit ?? 10, 1), Self.maximumLimit)
        request.includesRoom = filter.passes(room:)
        request.isWanted = { filter.passes($0) }
        if let text = call.query["next_batch"] {
            guard let token = SearchToken(text) else {
                throw .invalidParameter("'next_batch' is not a token of this server")
            }
            request.token = token
        }
        return request
    }

    private static func groupKeys(_ criteria: JSONObject) throws(MatrixError) -> [SearchGroupKey] {
        var keys: [SearchGroupKey] = []
        for group in try criteria.optionalObject("groupings")?.optionalObjects("group_by") ?? [] {
            guard let key = SearchGroupKey(rawValue: try group.string("key")) else {
                throw .invalidParameter("results are grouped by room_id or sender")
            }
            if !keys.contains(key) { keys.append(key) }
        }
        return keys
    }
}

enum SearchGroupKey: String {
    case roomID = "room_id"
    case sender

    func group(of result: SearchResult) -> (name: String, group: SearchToken.Group) {
        switch self {
        case .roomID: (result.room.roomID.string, .room(result.room.roomID))
        case .sender: (result.event.sender.string, .sender(result.event.sender))
        }
    }
}

/// How much of what stands around a result a client wants.
struct SearchContextRequest {
    let beforeLimit: Int
    let afterLimit: Int
    let includesProfile: Bool

    private static let maximumLimit: Int64 = 50

    init(_ json: JSONObject) throws(MatrixError) {
        func limit(_ key: String) throws(MatrixError) -> Int {
            let limit = try json.optionalInteger(key) ?? 5
            guard limit >= 0 else { throw .invalidParameter("'\(key)' must not be negative") }
            return Int(min(limit, Self.maximumLimit))
        }
        beforeLimit = try limit("before_limit")
        afterLimit = try limit("after_limit")
        includesProfile = try json.optionalBool("include_profile") ?? false
    }
}
