import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Testing

@Suite struct ProfileStoreTests {
    @Test(arguments: Backend.all) func fieldsComeAndGo(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.write { store throws in
                try store.addAccount(alice)
                try store.setProfileField("displayname", to: Array("\"A\"".utf8), of: alice)
                try store.setProfileField("m.tz", to: Array("\"Asia/Seoul\"".utf8), of: alice)
                try store.setProfileField("displayname", to: Array("\"B\"".utf8), of: alice)
                try store.setProfileField("m.tz", to: nil, of: alice)
                try store.setProfileField("never.there", to: nil, of: alice)
            }
            try await database.read { store throws in
                #expect(try store.profile(of: alice) == ["displayname": Array("\"B\"".utf8)])
                #expect(try store.profile(of: bob).isEmpty)
            }
        }
    }

    private func addPeople(_ store: any StoreWriter) throws -> RoomNumber {
        for (userID, name) in [(alice, "Alice"), (bob, "100% Bob_"), (carol, "김민수")] {
            try store.addAccount(userID)
            try store.setProfileField("displayname", to: Array("\"\(name)\"".utf8), of: userID)
        }
        try store.setProfileField("avatar_url", to: Array("\"mxc://test/bob\"".utf8), of: bob)
        let gone = UserID("@bob.gone:test")!
        try store.insertAccount(AccountRecord(userID: gone, passwordHash: nil, createdAt: 1, isDeactivated: true))
        let room = try store.insertRoom(roomID("a"), version: "12")
        for userID in [alice, bob, gone] { try store.setMembership(.join, of: userID, in: room, at: at(1)) }
        return room
    }

    @Test(arguments: Backend.all) func peopleOfSharedRoomsAreFound(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let room = try database.writing(addPeople)
            func found(_ term: String, by searcher: UserID = alice) async throws -> [UserID] {
                try await database.read { try $0.searchUsers(term, searcher: searcher, limit: 10).map(\.userID) }
            }
            #expect(try await found("bob") == [bob])
            #expect(try await found("BOB") == [bob])
            // The characters of LIKE are taken as they are.
            #expect(try await found("100%") == [bob])
            #expect(try await found("b_b").isEmpty)
            #expect(try await found("Bob_") == [bob])
            #expect(try await found("\\").isEmpty)
            // Nobody finds himself, nor a stranger except by the whole ID.
            #expect(try await found("alice").isEmpty)
            #expect(try await found("민수").isEmpty)
            #expect(try await found(carol.string) == [carol])
            #expect(try await found("alice", by: carol).isEmpty)
            let result = try await database.read { try $0.searchUsers("bob", searcher: alice, limit: 1) }
            #expect(
                result == [UserSearchResult(userID: bob, displayName: "100% Bob_", avatarURL: "mxc://test/bob")])

            try database.write { try $0.setListed(true, room: room) }
            #expect(try await found("ali", by: carol) == [alice])
            try database.write { try $0.setMembership(.leave, of: alice, in: room, at: at(2)) }
            #expect(try await found("ali", by: carol).isEmpty)
            #expect(try await found("ali", by: bob).isEmpty)
        }
    }

    @Test(arguments: Backend.all) func aSearchAnswersNoMoreThanItsLimit(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.write { store throws in
                let room = try addPeople(store)
                for number in 0..<9 {
                    let userID = UserID("@many\(number):test")!
                    try store.addAccount(userID)
                    try store.setMembership(.join, of: userID, in: room, at: at(1))
                }
            }
            try await database.read { store throws in
                #expect(try store.searchUsers("many", searcher: alice, limit: 3).count == 3)
                #expect(try store.searchUsers("many", searcher: alice, limit: 30).count == 9)
            }
        }
    }
}
