import CanonicalJSON
import HTTPServing
import MatrixIdentifiers
import ServerUnderTest
import Testing

/// What a client reads of an answer to `/search`.
struct SearchAnswer {
    let status: Int
    let json: JSONObject

    var code: String? { json["errcode"]?.stringValue }
    var events: JSONObject { json["search_categories"]?["room_events"]?.objectValue ?? [:] }
    var results: [JSONValue] { events["results"]?.arrayValue ?? [] }
    var bodies: [String] { results.compactMap { $0["result"]?["content"]?["body"]?.stringValue } }
    var eventIDs: [String] { results.compactMap { $0["result"]?["event_id"]?.stringValue } }
    var count: Int64? { events["count"]?.integerValue }
    var highlights: [String] { events["highlights"]?.strings ?? [] }
    var next: String? { events["next_batch"]?.stringValue }
}

extension TestServer {
    /// Indexes everything.
    func index() async throws {
        while try await !homeserver.searchIndexer.run() {}
    }

    func post(_ path: String, _ body: JSONObject, as user: TestUser, query: String = "") async throws -> (
        status: Int, json: JSONObject
    ) {
        let response = await api.respond(
            to: HTTPRequest(
                method: "POST", path: "/_matrix/client/v3/" + path, query: query,
                headers: [("Authorization", "Bearer \(user.accessToken)")], body: body.bytes()))
        return (response.status, try JSONObject(parsing: response.body))
    }

    /// - Parameter more: further criteria of `room_events`.
    func search(
        _ term: String, as user: TestUser, order: String = "recent", limit: Int64? = nil, next: String? = nil,
        _ more: JSONObject = [:]
    ) async throws -> SearchAnswer {
        var criteria = more
        criteria["search_term"] = .string(term)
        criteria["order_by"] = .string(order)
        if let limit {
            var filter = more["filter"]?.objectValue ?? [:]
            filter["limit"] = .integer(limit)
            criteria["filter"] = .object(filter)
        }
        let token = next.map { "next_batch=" + $0.replacing("!", with: "%21").replacing(":", with: "%3A") } ?? ""
        let answer = try await post(
            "search", ["search_categories": ["room_events": .object(criteria)]], as: user, query: token)
        return SearchAnswer(status: answer.status, json: answer.json)
    }
}
