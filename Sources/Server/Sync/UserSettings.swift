import Accounts
import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rules

/// What a user's account data decides about his syncs.
struct UserSettings: Sendable {
    let ignoredUsers: Set<UserID>
    let pushRules: PushRuleset
    /// The rooms of `m.direct`: conversations with one person.
    let directRooms: Set<ByteExactString>

    func isDirect(_ roomID: RoomID) -> Bool { directRooms.contains(ByteExactString(roomID.string)) }

    init(of userID: UserID, from store: any AccountReader) throws {
        ignoredUsers = try store.ignoredUsers(of: userID)
        pushRules = try store.pushRules(of: userID)
        let direct = try store.accountData(EventType.direct, of: userID, room: nil)
            .flatMap { try JSONParser.parse($0.content).objectValue }
        directRooms = Set(
            (direct?.members ?? []).flatMap { $0.value.arrayValue ?? [] }
                .compactMap { $0.stringValue.map(ByteExactString.init) })
    }
}
