import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers

/// `m.typing`: who is typing.
///
/// https://spec.matrix.org/v1.19/client-server-api/#mtyping
enum TypingEvent {
    static func json(_ users: [UserID], ignoring ignored: Set<UserID>) -> JSONObject {
        let ids = users.filter { !ignored.contains($0) }.map { JSONValue.string($0.string) }
        return ["content": ["user_ids": .array(ids)], "type": .string(EventType.typing)]
    }
}
