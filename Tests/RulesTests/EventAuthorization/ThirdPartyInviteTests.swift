import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers
import Rules
import Testing
import UnpaddedBase64

/// Step 4.1 of the rule about memberships: invites to an address, which an identity server turned into a user.
struct ThirdPartyInviteTests {
    private let identityServer = ServerName("magic.forest")!
    private let key = SigningKey.generate(version: "3")
    private let otherKey = SigningKey.generate(version: "3")

    private func encoded(_ key: SigningKey, _ alphabet: UnpaddedBase64.Alphabet = .standard) -> JSONValue {
        .string(UnpaddedBase64.encode(key.publicKey, alphabet: alphabet))
    }

    /// What the identity server vouches for.
    private func signed(userID: String = "@new:a", token: String = "abc123", by key: SigningKey) throws -> JSONObject {
        try JSONSigning.sign(
            ["mxid": .string(userID), "token": .string(token)], serverName: identityServer, key: key)
    }

    /// A room where `announcer` has made a third-party invite that shows `keys`.
    private func room(_ rules: RoomVersionRules, keys: JSONObject, announcer: String = "@moderator:a") -> TestRoom {
        var room = TestRoom(rules)
        room.setState(EventType.roomThirdPartyInvite, keys, stateKey: "abc123", sender: announcer)
        return room
    }

    private func rule(_ room: TestRoom, _ thirdPartyInvite: JSONValue) -> String? {
        let event = room.membership(
            "@new:a", "invite", by: "@moderator:a", ["third_party_invite": thirdPartyInvite])
        return room.rejectingRule(of: event).map { String($0.dropFirst(2)) }
    }

    @Test(arguments: RoomVersionRules.supported)
    func aSignatureByOneOfTheKeysInvites(rules: RoomVersionRules) throws {
        let invite: JSONValue = .object(["signed": .object(try signed(by: key)), "display_name": "new"])
        #expect(rule(room(rules, keys: ["public_key": encoded(key)]), invite) == nil)
        #expect(rule(room(rules, keys: ["public_key": encoded(key, .urlSafe)]), invite) == nil)
        let list: JSONObject = [
            "public_key": encoded(otherKey),
            "public_keys": [["public_key": encoded(otherKey)], ["public_key": encoded(key)]],
        ]
        #expect(rule(room(rules, keys: list), invite) == nil)
    }

    @Test(arguments: RoomVersionRules.supported)
    func theInviterNeedsNoPowerAnyMore(rules: RoomVersionRules) throws {
        var room = room(rules, keys: ["public_key": encoded(key)])
        room.setMembership("@moderator:a", .leave)
        #expect(rule(room, .object(["signed": .object(try signed(by: key))])) == nil)
    }

    @Test(arguments: RoomVersionRules.supported)
    func signaturesThatDoNotHoldInviteNobody(rules: RoomVersionRules) throws {
        let room = room(rules, keys: ["public_key": encoded(key)])
        #expect(rule(room, .object(["signed": .object(try signed(by: otherKey))])) == "4.1.8")
        #expect(rule(room, ["signed": ["mxid": "@new:a", "token": "abc123"]]) == "4.1.8", "no signature at all")
        var changed = try signed(by: key)
        changed["more"] = "than was signed"
        #expect(rule(room, .object(["signed": .object(changed)])) == "4.1.8")
        let withoutKeys = self.room(rules, keys: [:])
        #expect(rule(withoutKeys, .object(["signed": .object(try signed(by: key))])) == "4.1.8")
    }

    @Test(arguments: RoomVersionRules.supported)
    func theSignedObjectIsComplete(rules: RoomVersionRules) throws {
        let room = room(rules, keys: ["public_key": encoded(key)])
        #expect(rule(room, ["display_name": "new"]) == "4.1.2")
        #expect(rule(room, .null) == "4.1.2")
        #expect(rule(room, ["signed": ["mxid": "@new:a"]]) == "4.1.3")
        #expect(rule(room, ["signed": ["token": "abc123"]]) == "4.1.3")
        #expect(rule(room, .object(["signed": .object(try signed(userID: "@other:a", by: key))])) == "4.1.4")
        #expect(rule(room, .object(["signed": .object(try signed(token: "other", by: key))])) == "4.1.5")
    }

    @Test(arguments: RoomVersionRules.supported)
    func theInviteIsByWhoAnnouncedIt(rules: RoomVersionRules) throws {
        let room = room(rules, keys: ["public_key": encoded(key)], announcer: "@admin:a")
        #expect(rule(room, .object(["signed": .object(try signed(by: key))])) == "4.1.6")
    }

    @Test(arguments: RoomVersionRules.supported)
    func aBannedUserCannotBeInvitedByAddress(rules: RoomVersionRules) throws {
        var room = room(rules, keys: ["public_key": encoded(key)])
        room.setMembership("@new:a", .ban)
        #expect(rule(room, .object(["signed": .object(try signed(by: key))])) == "4.1.1")
    }
}
