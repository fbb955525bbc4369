import CanonicalJSON
import MatrixIdentifiers

/// What is kept of each room in memory: enough for the list, and where its timeline has got to.
struct RoomRecord: Sendable, Equatable {
    /// Some of the others in the room, as the server names them for rooms without a name.
    struct Hero: Sendable, Equatable {
        let userID: UserID
        var name: String?
    }

    /// Between the events below and above this place there may be others, which the server has.
    struct Gap: Sendable, Equatable {
        let place: Int64
        /// Where `/messages` goes on backwards.
        let token: String
    }

    let id: RoomID
    var membership = Membership.join
    var name: String?
    var alias: String?
    var topic: String?
    var avatarURL: String?
    /// Never false again once it was true, whatever the server says.
    var isEncrypted = false
    var isSpace = false
    var heroes: [Hero] = []
    var joinedCount = 0
    var invitedCount = 0
    var inviter: UserID?
    var serverUnread = 0
    var serverHighlights = 0
    /// Messages after one's own receipt, of those that are stored here; of encrypted rooms the server knows less.
    var localUnread = 0
    var localHighlights = 0
    var tags: [String] = []
    var isMarkedUnread = false
    /// Whether the state holds every member, so that a message can be encrypted for all.
    var hasAllMembers = false
    /// The place of the latest event; nil when there is none.
    var newestPlace: Int64?
    /// From the earliest to the latest.
    var gaps: [Gap] = []
    var readPlace: Int64?
    /// When the latest message was sent.
    var activity: Int64 = 0

    /// Beyond these the earliest part of the stored timeline is forgotten.
    static let maximumGaps = 64

    init(id: RoomID) { self.id = id }

    // MARK: State

    /// Takes in a state event of the room's own history.
    mutating func apply(state event: JSONObject, ownUserID: UserID) {
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
    var displayName: RoomName {
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
    var unread: (count: Int, highlights: Int) {
        guard isEncrypted else { return (serverUnread, serverHighlights) }
        let highlights = max(serverHighlights, localHighlights)
        let isLocalComplete = readPlace.map { read in !gaps.contains { $0.place > read } } ?? false
        let count = serverUnread == 0 ? 0 : isLocalComplete ? localUnread : serverUnread
        return (max(count, highlights), highlights)
    }
}
