import CanonicalJSON
import NIOCore

/// The two ways in which clients ask for all that is new.
package struct SyncCalls: Sendable {
    package let kind: InitialSyncOptions.Kind
    package let messagesPerRoom: Int
    package let requests: HTTPRequestBytes

    /// Rooms of the list that a client with sliding sync shows first.
    package static let windowLength = 20

    package struct Answer: Sendable {
        /// Where the next sync begins.
        let position: String
        let byteCount: Int
        /// Rooms that hold as many messages as were asked for.
        let completeRoomCount: Int
    }

    package func first(as session: MatrixSession) -> ByteBuffer { request(as: session, since: nil) }

    package func next(as session: MatrixSession, since position: String) -> ByteBuffer {
        request(as: session, since: position)
    }

    package func parse(_ answer: HTTPAnswer) throws(BenchError) -> Answer {
        let object = HomeserverBench.parse(answer.body)?.objectValue
        guard answer.status == 200, let object else {
            throw BenchError(
                .unexpectedAnswer,
                "a sync was answered \(answer.status): \(errorText(HomeserverBench.parse(answer.body)))")
        }
        let position: JSONValue?
        let rooms: JSONObject?
        switch kind {
        case .classic:
            position = object["next_batch"]
            rooms = object["rooms"]?.objectValue?["join"]?.objectValue
        case .sliding:
            position = object["pos"]
            rooms = object["rooms"]?.objectValue
        }
        guard let position = position?.stringValue else {
            throw BenchError(.unexpectedAnswer, "the answer to a sync has no position")
        }
        let complete = (rooms?.members ?? []).filter { isComplete($0.value.objectValue?["timeline"]) }
        return Answer(position: position, byteCount: answer.body.readableBytes, completeRoomCount: complete.count)
    }

    private func isComplete(_ timeline: JSONValue?) -> Bool {
        switch kind {
        case .classic: MessageMark.all(in: timeline?.objectValue?["events"]).count == messagesPerRoom
        case .sliding: MessageMark.all(in: timeline).count == 1
        }
    }

    private func request(as session: MatrixSession, since: String?) -> ByteBuffer {
        switch kind {
        case .classic:
            let filter: JSONValue = [
                "room": ["timeline": ["limit": .integer(Int64(messagesPerRoom))], "state": ["lazy_load_members": true]]
            ]
            let text = percentEncoded(String(decoding: filter.bytes(), as: UTF8.self))
            let since = since.map { "&since=\(percentEncoded($0))" } ?? ""
            return requests.request(
                .get, "/_matrix/client/v3/sync?timeout=0&filter=\(text)\(since)", accessToken: session.accessToken)
        case .sliding:
            let position = since.map { "&pos=\(percentEncoded($0))" } ?? ""
            return requests.request(
                .post, "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync?timeout=0\(position)",
                accessToken: session.accessToken, body: Self.roomList.bytes())
        }
    }

    /// What Element X asks for when it starts.
    private static let roomList: JSONValue = {
        let state = [
            "m.room.name", "m.room.encryption", "m.room.topic", "m.room.avatar", "m.room.canonical_alias",
            "m.room.power_levels", "m.room.join_rules", "m.room.tombstone", "m.room.create",
            "m.room.history_visibility", "io.element.functional_members",
        ].map { [$0, ""] }
        let members = [
            ["m.room.member", "$LAZY"], ["m.room.member", "$ME"], ["m.space.parent", "*"], ["m.space.child", "*"],
            ["org.matrix.msc3401.call.member", "*"],
        ]
        let required = (state + members).map { pair in JSONValue.array(pair.map { .string($0) }) }
        return [
            "conn_id": "room-list",
            "lists": [
                "all_rooms": [
                    "ranges": [[0, .integer(Int64(windowLength - 1))]], "timeline_limit": 1,
                    "required_state": .array(required),
                ]
            ],
            "extensions": [
                "account_data": ["enabled": true], "receipts": ["enabled": true, "rooms": ["*"]],
                "typing": ["enabled": true],
            ],
        ]
    }()
}
