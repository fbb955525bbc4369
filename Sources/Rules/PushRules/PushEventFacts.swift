import CanonicalJSON
import MatrixIdentifiers

/// What push rules ask about an event, its room and the user whose rules they are.
public struct PushEventFacts: Sendable {
    public var roomID: RoomID
    public var sender: UserID
    public var type: String
    /// Nil for a message event.
    public var stateKey: String?
    public var content: JSONObject
    /// The room's joined members.
    public var memberCount: Int
    /// What the user whose rules are evaluated is called in the room; nil when they have no name there.
    public var displayName: String?
    /// In force when the event was sent.
    public var powerLevels: PowerLevels

    public init(
        roomID: RoomID, sender: UserID, type: String, stateKey: String?, content: JSONObject, memberCount: Int,
        displayName: String?, powerLevels: PowerLevels
    ) {
        self.roomID = roomID
        self.sender = sender
        self.type = type
        self.stateKey = stateKey
        self.content = content
        self.memberCount = memberCount
        self.displayName = displayName
        self.powerLevels = powerLevels
    }

    /// The value at a path into the event; nil when there is none.
    package func property(at path: PropertyPath) -> JSONValue? {
        guard let first = path.names.first else { return nil }
        if path.names.count == 1 {
            switch first {
            case "type": return .string(type)
            case "sender": return .string(sender.string)
            case "room_id": return .string(roomID.string)
            case "state_key": return stateKey.map { .string($0) }
            case "content": return .object(content)
            default: return nil
            }
        }
        guard first == "content" else { return nil }
        var value: JSONValue? = .object(content)
        for name in path.names.dropFirst() { value = value?.objectValue?[name] }
        return value
    }
}

/// Names of properties within each other, as `content.m\.mentions.user_ids`.
///
/// https://spec.matrix.org/v1.19/appendices/#dot-separated-property-paths
package struct PropertyPath: Sendable, Equatable {
    package let names: [String]

    package init(_ text: String) {
        var names: [String] = []
        var name = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                // Other escapes are left as they are.
                if scalar != ".", scalar != "\\" { name.append("\\") }
                name.append(scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "." {
                names.append(String(name))
                name = .init()
            } else {
                name.append(scalar)
            }
        }
        if isEscaped { name.append("\\") }
        names.append(String(name))
        self.names = names
    }
}
