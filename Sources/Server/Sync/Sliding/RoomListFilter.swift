import CanonicalJSON
import MatrixAPI
import MatrixIdentifiers

/// Which of a user's rooms belong to a list.
///
/// https://github.com/matrix-org/matrix-spec-proposals/pull/4186
struct RoomListFilter: Sendable {
    var isDirect: Bool?
    var isEncrypted: Bool?
    var isInvited: Bool?
    var spaces: [RoomID]?
    /// Nil stands for a room without a type.
    var roomTypes: [ByteExactString?]?
    var notRoomTypes: [ByteExactString?] = []
    var tags: Set<ByteExactString>?
    var notTags: Set<ByteExactString> = []

    private static let maximumSpaces = 100

    /// - Parameter invited: what the form of the request calls the filter for invitations.
    init(json: JSONObject, invited: String) throws(MatrixError) {
        isDirect = try json.optionalBool("is_dm")
        isEncrypted = try json.optionalBool("is_encrypted")
        isInvited = try json.optionalBool(invited)
        spaces = try json.optionalStrings("spaces").map { $0.compactMap(RoomID.init) }
        guard spaces.map({ $0.count <= Self.maximumSpaces }) ?? true else {
            throw .invalidParameter("'spaces' is too long")
        }
        roomTypes = try Self.types(json, "room_types")
        notRoomTypes = try Self.types(json, "not_room_types") ?? []
        tags = try json.optionalStrings("tags").map { Set($0.map(ByteExactString.init)) }
        notTags = Set((try json.optionalStrings("not_tags") ?? []).map(ByteExactString.init))
    }

    private static func types(_ json: JSONObject, _ name: String) throws(MatrixError) -> [ByteExactString?]? {
        guard let values = try json.optionalArray(name) else { return nil }
        var types: [ByteExactString?] = []
        for value in values {
            guard value.isNull || value.stringValue != nil else {
                throw .badJSON("an entry of '\(name)' must be a string or null")
            }
            types.append(value.stringValue.map(ByteExactString.init))
        }
        return types
    }

    var needsRoomType: Bool { roomTypes != nil || !notRoomTypes.isEmpty }
    var needsTags: Bool { tags != nil || !notTags.isEmpty }

    /// What is known about one room, where the filter asks for it.
    struct Subject {
        let room: ListedRoom
        let isDirect: Bool
        let tags: Set<ByteExactString>
        /// The listed spaces' children; nil when no space is asked for.
        let children: Set<ByteExactString>?
    }

    func passes(_ subject: Subject) -> Bool {
        let entry = subject.room.entry
        if let isDirect, isDirect != subject.isDirect { return false }
        if let isInvited, isInvited != (entry.membership == .invite) { return false }
        if let isEncrypted, isEncrypted != (entry.facts.isEncrypted == true) { return false }
        if let children = subject.children, !children.contains(ByteExactString(entry.roomID.string)) { return false }
        if needsRoomType {
            let type = entry.facts.roomType ?? nil
            guard roomTypes?.contains(type) != false, !notRoomTypes.contains(type) else { return false }
        }
        if let tags, tags.isDisjoint(with: subject.tags) { return false }
        return notTags.isDisjoint(with: subject.tags)
    }
}
