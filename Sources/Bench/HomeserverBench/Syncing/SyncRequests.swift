import CanonicalJSON
import NIOCore

/// One user's requests for new messages of one room.
package struct SyncRequests: Sendable {
    package let session: MatrixSession
    package let roomID: String
    /// The id of a stored filter, or a filter.
    package let filter: String
    package let requests: HTTPRequestBytes

    /// What a client would ask for that shows one room and nothing of who is online or typing.
    package static func filter(roomID: String) -> JSONValue {
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

    /// `GET /sync` from the beginning, answered at once.
    package func firstSync() -> ByteBuffer {
        requests.request(.get, syncPath(timeoutMilliseconds: 0), accessToken: session.accessToken)
    }

    /// `GET /sync` again and again: all but the token is composed here.
    package func polls(timeoutMilliseconds: Int) -> SyncPolls {
        SyncPolls(
            beforeSince: "GET \(syncPath(timeoutMilliseconds: timeoutMilliseconds))&since=",
            afterSince: requests.headAfterPath(accessToken: session.accessToken, bodyLength: nil))
    }

    private func syncPath(timeoutMilliseconds: Int) -> String {
        "/_matrix/client/v3/sync?filter=\(percentEncoded(filter))&timeout=\(timeoutMilliseconds)"
    }

    /// `GET /messages`, backwards from one point to another.
    package func history(from: String, to: String) -> ByteBuffer {
        requests.request(
            .get,
            "/_matrix/client/v3/rooms/\(percentEncoded(roomID))/messages?dir=b&limit=100"
                + "&from=\(percentEncoded(from))&to=\(percentEncoded(to))",
            accessToken: session.accessToken)
    }
}

/// The bytes of a loop of syncs, which differ in where they begin only.
package struct SyncPolls: Sendable {
    fileprivate let beforeSince: String
    fileprivate let afterSince: String

    /// Replaces what `buffer` holds with a request.
    package func write(since: String, to buffer: inout ByteBuffer) {
        buffer.clear()
        buffer.writeString(beforeSince)
        buffer.writeString(percentEncoded(since))
        buffer.writeString(afterSince)
    }
}
