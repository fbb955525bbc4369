import CanonicalJSON
import MatrixIdentifiers

/// What is kept of each room in memory: enough for the list, and where its timeline has got to.
package struct RoomRecord: Sendable, Equatable {
    /// Some of the others in the room, as the server names them for rooms without a name.
    package struct Hero: Sendable, Equatable {
        package let userID: UserID
        package var name: String?

        package init(userID: UserID, name: String?) {
            self.userID = userID
            self.name = name
        }
    }

    /// Between the events below and above this place there may be others, which the server has.
    package struct Gap: Sendable, Equatable {
        package let place: Int64
        /// Where `/messages` goes on backwards.
        package let token: String

        package init(place: Int64, token: String) {
            self.place = place
            self.token = token
        }
    }

    package let id: RoomID
    package var membership = Membership.join
    package var name: String?
    package var alias: String?
    package var topic: String?
    package var avatarURL: String?
    /// Never false again once it was true, whatever the server says.
    package var isEncrypted = false
    package var isSpace = false
    package var heroes: [Hero] = []
    package var joinedCount = 0
    package var invitedCount = 0
    package var inviter: UserID?
    /// Whose invitation was accepted, and when, in milliseconds since 1970.
    package var acceptedFrom: UserID?
    package var acceptedAt: Int64 = 0
    /// Whether the server counts what is unread; the accepted form of sliding sync does not.
    package var hasServerCounts = false
    package var serverUnread = 0
    package var serverHighlights = 0
    /// Messages after one's own receipt, of those that are stored here; of encrypted rooms the server knows less.
    package var localUnread = 0
    package var localHighlights = 0
    package var tags: [String] = []
    package var isMarkedUnread = false
    /// Whether the state holds every member, so that a message can be encrypted for all.
    package var hasAllMembers = false
    /// The place of the latest event; nil when there is none.
    package var newestPlace: Int64?
    /// From the earliest to the latest.
    package var gaps: [Gap] = []
    package var readPlace: Int64?
    /// When the latest message was sent.
    package var activity: Int64 = 0

    /// Beyond these the earliest part of the stored timeline is forgotten.
    package static let maximumGaps = 64

    package init(id: RoomID) { self.id = id }

    // MARK: State

    /// Takes in a state event of the room's own history.
    package mutating func apply(state event: JSONObject, ownUserID: UserID) {
        let content = event["content"]?.objectValue ?? [:]
        let key = event.string(at: "state_key")
        switch (event.string(at: "type"), key) {
        case ("m.room.name", ""): name = content.string(at: "name").flatMap { $0.isEmpty ? nil : $0 }
        case ("m.room.canonical_alias", ""): alias = content.string(at: "alias").flatMap { $0.isEmpty ? nil : $0 }
        case ("m.room.topic", ""): topic = content.string(at: "topic")
        case ("m.room.avatar", ""): avatarURL = content.string(at: "url")
        case ("m.room.encryption", ""): isEncrypted = true
        case ("m.room.create", ""): isSpace = content.string(at: "type") == "m.space"
        case ("m.room.member", ownUserID.string?):
            guard let membership = content.string(at: "membership").flatMap(Membership.init) else { return }
            self.membership = membership
            inviter = membership == .invite ? event.string(at: "sender").flatMap(UserID.init) : nil
        default: break
        }
    }

    // MARK: Names

    /// https://spec.matrix.org/v1.19/client-server-api/#calculating-the-display-name-for-a-room
    package var displayName: RoomName {
        if let name = name ?? alias { return .given(name) }
        let names = heroes.map { $0.name ?? $0.userID.string }
        let others = max(0, joinedCount + invitedCount - 1)
        if others == 0, membership == .join { return .empty(formerly: names) }
        guard !names.isEmpty else {
            return others > 0 ? .members([], others: others) : .empty(formerly: [])
        }
        return .members(names, others: max(0, others - names.count))
    }

    // MARK: Unread

    /// Of an encrypted room the server counts every event, edits and reactions too, and knows of no mention: what is
    /// decrypted here counts, unless the server says that nothing does (the room is muted, or read elsewhere).
    package var unread: (count: Int, highlights: Int) {
        guard hasServerCounts else { return (localUnread, localHighlights) }
        guard isEncrypted else { return (serverUnread, serverHighlights) }
        let highlights = max(serverHighlights, localHighlights)
        let isLocalComplete = readPlace.map { read in !gaps.contains { $0.place > read } } ?? false
        let count = serverUnread == 0 ? 0 : isLocalComplete ? localUnread : serverUnread
        return (max(count, highlights), highlights)
    }
}
