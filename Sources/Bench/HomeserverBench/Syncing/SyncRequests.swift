import CanonicalJSON
import NIOCore

/// One user's requests for new messages of one room.
struct SyncRequests: Sendable {
    let session: MatrixSession
    let roomID: String
    /// The id of a stored filter, or a filter.
    let filter: String
    let requests: HTTPRequestBytes

    /// What a client would ask for that shows one room and nothing of who is online or typing.
    static func filter(roomID: String) -> JSONValue {
        let nothing: JSONValue = ["types": []]
        return [
            "presence": nothing,
            "account_data": nothing,
            "room": [
                "rooms": [.string(roomID)],
                "state": ["lazy_load_members": true],
                "timeline": ["limit": 100],
                "ephemeral": nothing,
                "account_data": nothing,
            ],
        ]
    }

    /// `GET /sync`, from the beginning without `since`.
    func sync(since: String?, timeoutMilliseconds: Int) -> ByteBuffer {
        var path = "/_matrix/client/v3/sync?filter=\(percentEncoded(filter))&timeout=\(timeoutMilliseconds)"
        if let since { path += "&since=\(percentEncoded(since))" }
        return requests.request(.get, path, accessToken: session.accessToken)
    }

    /// `GET /messages`, backwards from one point to another.
    func history(from: String, to: String) -> ByteBuffer {
        requests.request(
            .get,
            "/_matrix/client/v3/rooms/\(percentEncoded(roomID))/messages?dir=b&limit=100"
                + "&from=\(percentEncoded(from))&to=\(percentEncoded(to))",
            accessToken: session.accessToken)
    }
}
