import Accounts
import CanonicalJSON
import HangulSearch
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Synchronization

/// Finds messages in the rooms where a user is or was.
///
/// The index gives candidates, and whatever is found is read from the event itself: what is redacted, deleted or not
/// to be seen by this user is never found, whatever the index still holds of it.
///
/// https://spec.matrix.org/v1.19/client-server-api/#server-side-search
public final class SearchService: Sendable {
    private let rooms: RoomService
    private let database: any HomeserverDatabase
    private let runningCount = Atomic<Int>(0)

    /// Searches at the same time; each may keep a processor busy for a while.
    private static let maximumRunning = 4
    /// Candidates that are read for one page. With `rank` nothing beyond the latest of them is found.
    private static let maximumRead = 5_000
    /// Candidates that are read at once.
    private static let blockCount = 200

    public init(rooms: RoomService, database: any HomeserverDatabase) {
        self.rooms = rooms
        self.database = database
    }

    /// - Throws: `M_LIMIT_EXCEEDED` when too many are searching.
    public func search(_ request: SearchRequest) async throws -> SearchPage {
        let running = runningCount.wrappingAdd(1, ordering: .relaxed).newValue
        defer { runningCount.wrappingSubtract(1, ordering: .relaxed) }
        guard running <= Self.maximumRunning else {
            throw MatrixError.limitExceeded("too many people are searching", retryAfterMilliseconds: 1_000)
        }
        guard let query = request.query else { return SearchPage() }
        let published = rooms.position
        let upTo = min(request.token?.upTo ?? published, published)
        let reading = try await reading(for: request, query: query, upTo: upTo)
        return try await page(of: reading, request: request, query: query, upTo: upTo)
    }

    /// What there is to read, and whom the reader does not want to hear.
    private struct Reading: Sendable {
        let candidates: [SearchCandidates.Candidate]
        let ignoredUsers: Set<UserID>
    }

    private func reading(
        for request: SearchRequest, query: SearchQuery, upTo: StreamPosition
    ) async throws -> Reading {
        var last = upTo
        // Those before are on earlier pages.
        if request.order == .recent, let token = request.token {
            last = min(last, StreamPosition(token.position.rawValue - 1))
        }
        return try await database.read { [last] store in
            var numbers: [RoomNumber] = []
            for membership in try store.memberships(of: request.userID) where !membership.isForgotten {
                guard [.join, .leave, .ban].contains(membership.membership), request.includesRoom(membership.roomID)
                else { continue }
                if case .room(let room) = request.token?.group, room != membership.roomID { continue }
                // What was said before a room was encrypted is not searched either.
                if try !store.isEncrypted(membership.room) { numbers.append(membership.room) }
            }
            return Reading(
                candidates: try SearchCandidates(query, keys: request.keys, rooms: numbers, upTo: last, store)
                    .candidates,
                ignoredUsers: try store.ignoredUsers(of: request.userID))
        }
    }

    // MARK: Reading the candidates

    private func page(
        of reading: Reading, request: SearchRequest, query: SearchQuery, upTo: StreamPosition
    ) async throws -> SearchPage {
        var page = SearchPage()
        var views: [RoomNumber: RoomForReader?] = [:]
        var readCount = 0
        var lastRead: StreamPosition?
        while readCount < min(reading.candidates.count, Self.maximumRead) {
            let block = reading.candidates[readCount...].prefix(Self.blockCount)
            for room in Set(block.map(\.room)) where views[room] == nil {
                views[room] = .some(try await roomForReader(room, userID: request.userID))
            }
            var found: [SearchResult] = []
            for (room, candidates) in Dictionary(grouping: block, by: \.room) {
                guard let view = views[room] ?? nil else { continue }
                let events = try await rooms.storedEvents(of: view.room, at: candidates.map(\.position))
                found += events.compactMap { event in
                    guard view.isVisible(event), !reading.ignoredUsers.contains(event.sender) else { return nil }
                    return result(event, in: view.room, request: request, query: query)
                }
            }
            readCount += block.count
            lastRead = block.last?.position
            page.add(found, order: request.order, token: request.token, limit: request.limit)
            if request.order == .recent, page.results.count > request.limit { break }
        }
        let rest = reading.candidates.count - readCount
        if request.order == .recent { page.count += rest }
        page.finish(
            limit: request.limit, upTo: upTo, group: request.token?.group,
            // Nothing found among many candidates: the next page goes on behind them.
            continuation: request.order == .recent && rest > 0 ? lastRead : nil)
        return page
    }

    private func result(
        _ event: RoomEvent, in room: Room, request: SearchRequest, query: SearchQuery
    ) -> SearchResult? {
        if case .sender(let sender) = request.token?.group, sender != event.sender { return nil }
        let texts = SearchKey.texts(type: event.type, content: event.content, keys: request.keys)
        guard let match = query.match(anyOf: texts), request.isWanted(event) else { return nil }
        return SearchResult(room: room, event: event, score: match.score, highlights: match.highlights)
    }

    /// A room as far as one user may read it.
    private struct RoomForReader: Sendable {
        let room: Room
        let access: RoomAccess
        let visibility: EventVisibility

        func isVisible(_ event: RoomEvent) -> Bool {
            if case .until(let leave) = access, event.position > leave { return false }
            return visibility.isVisible(event)
        }
    }

    private func roomForReader(_ number: RoomNumber, userID: UserID) async throws -> RoomForReader? {
        do {
            let room = try await rooms.room(number)
            let (_, access) = try await rooms.access(to: room.roomID, userID: userID)
            return RoomForReader(
                room: room, access: access, visibility: try await rooms.visibility(of: room, userID: userID))
        } catch is MatrixError {
            // He may read nothing of it.
            return nil
        }
    }
}

extension SearchPage {
    /// Takes in what a block of candidates gave, as far as the page needs it.
    fileprivate mutating func add(
        _ found: [SearchResult], order: SearchRequest.Order, token: SearchToken?, limit: Int
    ) {
        count += found.count
        switch order {
        case .recent:
            results += found.sorted { $0.event.position > $1.event.position }
        case .rank:
            results += found.filter { result in
                token.map { (result.score, result.event.position) < ($0.score, $0.position) } ?? true
            }
            results.sort { ($0.score, $0.event.position) > ($1.score, $1.event.position) }
            results = Array(results.prefix(limit + 1))
        }
    }

    /// Cuts the page to its size and says where the next one begins.
    fileprivate mutating func finish(
        limit: Int, upTo: StreamPosition, group: SearchToken.Group?, continuation: StreamPosition?
    ) {
        if results.count > limit {
            results = Array(results.prefix(limit))
            guard let last = results.last else { return }
            next = SearchToken(upTo: upTo, score: last.score, position: last.event.position, group: group)
        } else if let continuation {
            next = SearchToken(upTo: upTo, score: 0, position: continuation, group: group)
        }
    }
}
