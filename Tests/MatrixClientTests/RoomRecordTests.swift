import CanonicalJSON
import MatrixClient
import MatrixIdentifiers
import Testing

@Suite struct RoomRecordTests {
    private static let me = UserID("@me:test")!

    private func record(heroes: [String] = [], joined: Int = 1, invited: Int = 0) -> RoomRecord {
        var record = RoomRecord(id: RoomID("!room:test")!)
        record.heroes = heroes.map { .init(userID: UserID("@\($0):test")!, name: $0) }
        record.joinedCount = joined
        record.invitedCount = invited
        return record
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#calculating-the-display-name-for-a-room
    @Test func namesFollowTheSpecification() {
        var named = record(heroes: ["a"], joined: 2)
        named.alias = "#tea:test"
        #expect(named.displayName == .given("#tea:test"))
        named.name = "Tea"
        #expect(named.displayName == .given("Tea"))
        #expect(record(heroes: ["a"], joined: 2).displayName == .members(["a"], others: 0))
        #expect(record(heroes: ["a"], invited: 1).displayName == .members(["a"], others: 0))
        #expect(record(heroes: ["a", "b"], joined: 9).displayName == .members(["a", "b"], others: 6))
        #expect(record(heroes: ["a"]).displayName == .empty(formerly: ["a"]))
        #expect(record().displayName == .empty(formerly: []))
        #expect(RoomName.members(["a", "b", "c"], others: 0).text == "a, b and c")
        #expect(RoomName.members(["a", "b"], others: 6).text == "a, b and 6 others")
    }

    @Test func encryptionStaysOn() {
        var record = record()
        func apply(_ content: JSONObject) {
            record.apply(
                state: ["type": "m.room.encryption", "state_key": "", "content": .object(content)],
                ownUserID: Self.me)
        }
        apply(["algorithm": "m.megolm.v1.aes-sha2"])
        apply([:])
        #expect(record.isEncrypted)
    }

    /// The server counts reactions and edits too where it cannot read them; a muted room counts nothing.
    @Test func unreadCountsOfEncryptedRoomsAreOurOwn() {
        var record = record()
        (record.serverUnread, record.serverHighlights) = (5, 1)
        (record.localUnread, record.localHighlights) = (3, 2)
        record.readPlace = 10
        #expect(record.unread == (3, 2))
        record.hasServerCounts = true
        #expect(record.unread == (5, 1))
        record.isEncrypted = true
        #expect(record.unread == (3, 2))
        // What lies in a gap is not counted here.
        record.gaps = [.init(place: 20, token: "t")]
        #expect(record.unread == (5, 2))
        record.gaps = [.init(place: 5, token: "t")]
        #expect(record.unread == (3, 2))
        record.localHighlights = 0
        (record.serverUnread, record.serverHighlights) = (0, 0)
        #expect(record.unread == (0, 0))
    }

    @Test func roomsSurviveTheStore() throws {
        var room = record(heroes: ["a"], joined: 2, invited: 1)
        room.name = "Tea"
        room.topic = "t"
        room.membership = .invite
        room.inviter = Self.me
        room.acceptedFrom = Self.me
        room.acceptedAt = 5
        room.isEncrypted = true
        room.hasAllMembers = true
        room.hasServerCounts = true
        room.newestPlace = 1 << 60
        room.readPlace = -4
        room.gaps = [.init(place: -1 << 60, token: "t")]
        room.tags = ["m.favourite"]
        let change = room.change
        #expect(RoomRecord(StoreRecord(key: change.key, value: try #require(change.value))) == room)
    }
}
