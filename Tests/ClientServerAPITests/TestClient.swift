import CanonicalJSON
import HTTPServing
import ServerUnderTest

/// An answer as a client sees it.
struct Answer {
    let status: Int
    let headers: [String: String]
    let json: JSONObject
    let text: String

    var code: String? { json["errcode"]?.stringValue }

    init(_ response: HTTPResponse) {
        status = response.status
        headers = Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
        text = String(decoding: response.body, as: UTF8.self)
        json = (try? JSONObject(parsing: response.body)) ?? [:]
    }
}

extension TestServer {
    /// - Parameter path: with the query, if any.
    func call(
        _ method: String, _ path: String, as user: TestUser? = nil, token: String? = nil, body: String = "",
        headers: [(String, String)] = []
    ) async -> Answer {
        let parts = path.split(separator: "?", maxSplits: 1)
        var headers = headers
        if let token = token ?? user?.accessToken { headers.append(("Authorization", "Bearer \(token)")) }
        return Answer(
            await api.respond(
                to: HTTPRequest(
                    method: method, path: String(parts[0]), query: parts.count > 1 ? String(parts[1]) : "",
                    headers: headers, body: Array(body.utf8))))
    }

    func call(_ method: String, _ path: String, as user: TestUser? = nil, json: JSONObject) async -> Answer {
        await call(method, path, as: user, body: String(decoding: json.bytes(), as: UTF8.self))
    }
}

let v3 = "/_matrix/client/v3"
