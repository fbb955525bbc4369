import CanonicalJSON
import MatrixIdentifiers

/// The members of a room as far as they are known here, and what to call them.
package struct MemberDirectory: Sendable {
    package struct Entry: Sendable, Equatable {
        package var membership: Membership
        package var displayName: String?
        package var avatarURL: String?
        /// When he joined, in milliseconds since 1970; nil when it is not known.
        package var joinedAt: Int64?
    }

    package private(set) var entries: [UserID: Entry] = [:]
    /// How many of those in the room, or invited, have a name.
    private var nameCounts: [ByteExactString: Int] = [:]

    package init() {}

    /// - Parameter event: `m.room.member`; anything else is left out.
    package mutating func apply(_ event: JSONObject) {
        guard let userID = event.string(at: "state_key").flatMap(UserID.init),
            let content = event["content"]?.objectValue,
            let membership = content.string(at: "membership").flatMap(Membership.init)
        else { return }
        if let old = entries[userID] { count(old, by: -1) }
        let name = content.string(at: "displayname").flatMap { $0.isEmpty ? nil : $0 }
        var entry = Entry(membership: membership, displayName: name, avatarURL: content.string(at: "avatar_url"))
        let before = event["unsigned"]?["prev_content"]?["membership"]?.stringValue
        if membership == .join {
            // A changed name is a new event of somebody who is in the room already.
            entry.joinedAt =
                before == "join"
                ? entries[userID].flatMap { $0.membership == .join ? $0.joinedAt : nil }
                : event["origin_server_ts"]?.integerValue
        }
        entries[userID] = entry
        count(entry, by: 1)
    }

    private mutating func count(_ entry: Entry, by difference: Int) {
        guard entry.membership == .join || entry.membership == .invite, let name = entry.displayName else { return }
        nameCounts[ByteExactString(name), default: 0] += difference
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#calculating-the-display-name-for-a-user
    package func name(of userID: UserID) -> String {
        guard let name = entries[userID]?.displayName else { return userID.string }
        return nameCounts[ByteExactString(name), default: 0] > 1 ? "\(name) (\(userID))" : name
    }

    package var joined: [UserID] { entries.filter { $0.value.membership == .join }.keys.sorted() }
    package var invited: [UserID] { entries.filter { $0.value.membership == .invite }.keys.sorted() }
}
