import CanonicalJSON
import MatrixIdentifiers
import Rooms
import ServerEnvironment

extension TestServer {
    /// Sends an event that relates to another; each call is a transaction of its own.
    @discardableResult
    public func relate(
        _ relation: String, to parent: EventID, as user: TestUser, in roomID: RoomID, key: String? = nil,
        type: String = "m.room.message", content: JSONObject = ["msgtype": "m.text", "body": "child"]
    ) async throws -> EventID {
        var relatesTo: JSONObject = ["rel_type": .string(relation), "event_id": .string(parent.string)]
        if let key { relatesTo["key"] = .string(key) }
        var content = content
        content["m.relates_to"] = .object(relatesTo)
        return try await rooms.send(
            type, content: content, to: roomID, transactionID: "relate \(environment.randomBytes(8))",
            sender: user.sender)
    }

    @discardableResult
    public func reply(
        _ text: String, inThread root: EventID, as user: TestUser, in roomID: RoomID
    ) async throws -> EventID {
        try await relate(
            "m.thread", to: root, as: user, in: roomID, content: ["msgtype": "m.text", "body": .string(text)])
    }

    @discardableResult
    public func react(
        _ key: String, to parent: EventID, as user: TestUser, in roomID: RoomID
    ) async throws -> EventID {
        try await relate("m.annotation", to: parent, as: user, in: roomID, key: key, type: "m.reaction", content: [:])
    }

    @discardableResult
    public func edit(
        _ original: EventID, to text: String, as user: TestUser, in roomID: RoomID
    ) async throws -> EventID {
        try await relate(
            "m.replace", to: original, as: user, in: roomID,
            content: [
                "msgtype": "m.text", "body": .string("* " + text),
                "m.new_content": ["msgtype": "m.text", "body": .string(text)],
            ])
    }

    public func redact(_ eventID: EventID, as user: TestUser, in roomID: RoomID) async throws {
        _ = try await rooms.redact(
            eventID, in: roomID, reason: nil, transactionID: "redact \(eventID)", sender: user.sender)
    }

    public func ignore(_ ignored: TestUser, as user: TestUser) async throws {
        try await accounts.setAccountData(
            "m.ignored_user_list", of: user.userID, room: nil,
            content: ["ignored_users": .object(JSONObject(members: [(ignored.userID.string, [:])]))])
    }
}
