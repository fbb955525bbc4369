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
}
