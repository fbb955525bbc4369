import CanonicalJSON
import MatrixIdentifiers

/// How a room is written in the store.
extension RoomRecord {
    package static func key(_ id: RoomID) -> StoreKey { StoreKey(.rooms, name: id.string) }

    package var change: StoreChange { StoreChange(Self.key(id), json.bytes()) }

    private var json: JSONObject {
        var json: JSONObject = [
            "id": .string(id.string), "membership": .string(membership.rawValue),
            "joined": .integer(Int64(joinedCount)), "invited": .integer(Int64(invitedCount)),
            "server_unread": .integer(Int64(serverUnread)), "server_highlights": .integer(Int64(serverHighlights)),
            "local_unread": .integer(Int64(localUnread)), "local_highlights": .integer(Int64(localHighlights)),
            "activity": .integer(activity), "accepted_at": .integer(acceptedAt),
            "tags": .array(tags.map { .string($0) }),
            "heroes": .array(
                heroes.map { hero in
                    var json: JSONObject = ["id": .string(hero.userID.string)]
                    if let name = hero.name { json["name"] = .string(name) }
                    return .object(json)
                }),
            "gaps": .array(gaps.map { ["place": .string("\($0.place)"), "token": .string($0.token)] }),
        ]
        for (key, text) in [
            ("name", name), ("alias", alias), ("topic", topic), ("avatar", avatarURL), ("inviter", inviter?.string),
            ("accepted_from", acceptedFrom?.string),
            // Places are 64 bits wide, JSON's integers are not.
            ("newest", newestPlace.map { "\($0)" }), ("read", readPlace.map { "\($0)" }),
        ] {
            if let text { json[key] = .string(text) }
        }
        for (key, flag) in [
            ("encrypted", isEncrypted), ("space", isSpace), ("marked_unread", isMarkedUnread),
            ("all_members", hasAllMembers), ("server_counts", hasServerCounts),
        ] where flag {
            json[key] = true
        }
        return json
    }

    /// Nil when the record is none of a room.
    package init?(_ record: StoreRecord) {
        guard let json = ServerCaller.object(record.value), let id = json.string(at: "id").flatMap(RoomID.init)
        else { return nil }
        self.init(id: id)
        membership = json.string(at: "membership").flatMap(Membership.init) ?? .leave
        func count(_ key: String) -> Int { Int(json[key]?.integerValue ?? 0) }
        joinedCount = count("joined")
        invitedCount = count("invited")
        serverUnread = count("server_unread")
        serverHighlights = count("server_highlights")
        localUnread = count("local_unread")
        localHighlights = count("local_highlights")
        activity = json["activity"]?.integerValue ?? 0
        tags = json.strings(at: "tags")
        heroes = json.objects(at: "heroes").compactMap { hero in
            hero.string(at: "id").flatMap(UserID.init).map { Hero(userID: $0, name: hero.string(at: "name")) }
        }
        gaps = json.objects(at: "gaps").compactMap { gap in
            guard let place = gap.string(at: "place").flatMap({ Int64($0) }), let token = gap.string(at: "token")
            else { return nil }
            return Gap(place: place, token: token)
        }
        name = json.string(at: "name")
        alias = json.string(at: "alias")
        topic = json.string(at: "topic")
        avatarURL = json.string(at: "avatar")
        inviter = json.string(at: "inviter").flatMap(UserID.init)
        newestPlace = json.string(at: "newest").flatMap { Int64($0) }
        acceptedFrom = json.string(at: "accepted_from").flatMap(UserID.init)
        acceptedAt = json["accepted_at"]?.integerValue ?? 0
        readPlace = json.string(at: "read").flatMap { Int64($0) }
        isEncrypted = json["encrypted"]?.boolValue ?? false
        isSpace = json["space"]?.boolValue ?? false
        isMarkedUnread = json["marked_unread"]?.boolValue ?? false
        hasServerCounts = json["server_counts"]?.boolValue ?? false
        hasAllMembers = json["all_members"]?.boolValue ?? false
    }
}
