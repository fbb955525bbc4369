import Accounts
import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Rules

/// What a user's account data decides about his syncs.
struct UserSettings: Sendable {
    let ignoredUsers: Set<UserID>
    let pushRules: PushRuleset
    /// Changes when what has been counted by these settings is to be counted again.
    var countingVersion = 0
    /// https://spec.matrix.org/v1.19/client-server-api/#invite-permission
    let blocksInvites: Bool
    /// The rooms of `m.direct`: conversations with one person.
    let directRooms: Set<ByteExactString>

    func isDirect(_ roomID: RoomID) -> Bool { directRooms.contains(ByteExactString(roomID.string)) }

    init(of userID: UserID, from store: any AccountReader) throws {
        ignoredUsers = try store.ignoredUsers(of: userID)
        pushRules = try store.pushRules(of: userID)
        let permission = try EventType.invitePermissions.lazy
            .compactMap { try store.accountData($0, of: userID, room: nil) }.first
        blocksInvites = permission.map { InvitePermission($0.content) == .block } ?? false
        let direct = try store.accountData(EventType.direct, of: userID, room: nil)
            .flatMap { try JSONParser.parse($0.content).objectValue }
        directRooms = Set(
            (direct?.members ?? []).flatMap { $0.value.arrayValue ?? [] }
                .compactMap { $0.stringValue.map(ByteExactString.init) })
    }

    /// The same settings, with a version that says whether they count as `previous` did.
    func following(_ previous: UserSettings?) -> UserSettings {
        guard let previous else { return self }
        var settings = self
        let countsAlike = ignoredUsers == previous.ignoredUsers && pushRules == previous.pushRules
        settings.countingVersion = countsAlike ? previous.countingVersion : previous.countingVersion + 1
        return settings
    }
}
