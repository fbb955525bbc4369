import HomeserverStore
import MatrixIdentifiers
import Testing

@Suite struct AccountStoreTests {
    @Test(arguments: Backend.all) func accountsComeBackAsTheyWere(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let records = [
                AccountRecord(userID: alice, passwordHash: "hash", createdAt: 5),
                AccountRecord(userID: bob, passwordHash: nil, createdAt: 6, isDeactivated: true),
            ]
            try database.write { store throws in for record in records { try store.insertAccount(record) } }
            try await database.read { store throws in
                #expect(try store.account(alice) == records[0])
                #expect(try store.account(bob) == records[1])
                #expect(try store.account(carol) == nil)
            }
            #expect(throws: (any Error).self) { try database.write { try $0.insertAccount(records[0]) } }
            try database.write { try $0.setPasswordHash("new", of: alice) }
            try await database.read { store throws in
                #expect(try store.account(alice)?.passwordHash == "new")
                #expect(try store.account(bob)?.passwordHash == nil)
            }
        }
    }

    @Test(arguments: Backend.all) func devicesAreMadeOnceAndKeepTheirNames(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let (phone, desk, bobs) = try database.writing { store throws in
                try store.addAccount(alice)
                try store.addAccount(bob)
                let phone = try store.upsertDevice("PHONE", of: alice, displayName: "Phone")
                let desk = try store.upsertDevice("DESK", of: alice, displayName: nil)
                let bobs = try store.upsertDevice("PHONE", of: bob, displayName: nil)
                #expect(try store.upsertDevice("PHONE", of: alice, displayName: nil) == phone)
                #expect(try store.upsertDevice("DESK", of: alice, displayName: "Desk") == desk)
                return (phone, desk, bobs)
            }
            #expect(Set([phone, desk, bobs]).count == 3)
            try database.write { try $0.setLastSeen(at: 77, address: "::1", of: phone) }
            try await database.read { store throws in
                let expected = DeviceRecord(
                    number: phone, userID: alice, deviceID: "PHONE", displayName: "Phone", lastSeenAt: 77,
                    lastSeenAddress: "::1")
                #expect(try store.device("PHONE", of: alice) == expected)
                #expect(try store.device(phone) == expected)
                #expect(try store.devices(of: alice).map(\.deviceID) == ["PHONE", "DESK"])
                #expect(try store.device(desk)?.displayName == "Desk")
                #expect(try store.device(desk)?.lastSeenAt == nil)
                #expect(try store.devices(of: bob).map(\.number) == [bobs])
                #expect(try store.device("NONE", of: alice) == nil)
                #expect(try store.device(DeviceNumber(99)) == nil)
                #expect(try store.devices(of: carol).isEmpty)
            }
            try database.write { try $0.setDisplayName(nil, of: phone) }
            try await database.read { store throws in #expect(try store.device(phone)?.displayName == nil) }
        }
    }

    private func pair(
        _ device: DeviceNumber, _ access: UInt8, refresh: UInt8? = nil, expiresAt: Int64? = nil, replaces: Int64? = nil
    ) -> TokenPairRecord {
        TokenPairRecord(
            number: 0, device: device, accessTokenHash: Array(repeating: access, count: 32),
            refreshTokenHash: refresh.map { Array(repeating: $0, count: 32) }, expiresAt: expiresAt,
            replaces: replaces)
    }

    @Test(arguments: Backend.all) func tokenPairsAreFoundByEitherToken(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let (device, first, second) = try database.writing { store throws in
                try store.addAccount(alice)
                let device = try store.upsertDevice("A", of: alice, displayName: nil)
                let first = try store.insertTokenPair(pair(device, 1, refresh: 2, expiresAt: 9))
                let second = try store.insertTokenPair(pair(device, 3, replaces: first))
                return (device, first, second)
            }
            try await database.read { store throws in
                let found = try #require(try store.tokenPair(accessTokenHash: Array(repeating: 1, count: 32)))
                #expect(
                    found
                        == TokenPairRecord(
                            number: first, device: device, accessTokenHash: Array(repeating: 1, count: 32),
                            refreshTokenHash: Array(repeating: 2, count: 32), expiresAt: 9, replaces: nil))
                #expect(try store.tokenPair(refreshTokenHash: Array(repeating: 2, count: 32)) == found)
                // An access token is no refresh token.
                #expect(try store.tokenPair(refreshTokenHash: Array(repeating: 1, count: 32)) == nil)
                #expect(try store.tokenPair(accessTokenHash: Array(repeating: 2, count: 32)) == nil)
                #expect(try store.tokenPair(accessTokenHash: Array(repeating: 3, count: 32))?.replaces == first)
                #expect(try store.tokenPairs(of: device).map(\.number) == [first, second])
            }
            #expect(throws: (any Error).self) { try database.write { _ = try $0.insertTokenPair(pair(device, 1)) } }
            // The number of a pair that is gone never comes back, since `replaces` may still name it.
            let third = try database.writing { store throws in
                try store.deleteTokenPair(second)
                return try store.insertTokenPair(pair(device, 5))
            }
            #expect(third > second)
            try database.write { try $0.deleteTokenPairs(of: device) }
            try await database.read { store throws in #expect(try store.tokenPairs(of: device).isEmpty) }
        }
    }

    /// Rule 10.
    @Test(arguments: Backend.all) func aDeviceTakesItsTokensAndTransactionsAlong(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let (gone, kept) = try database.writing { store throws in
                try store.addAccount(alice)
                let devices = try ["GONE", "KEPT"].map { try store.upsertDevice($0, of: alice, displayName: nil) }
                for (index, device) in devices.enumerated() {
                    _ = try store.insertTokenPair(pair(device, UInt8(index)))
                    try store.insertTransaction(TransactionKey(device: device, pathHash: [1]), event: at(1))
                }
                try store.deleteDevice(devices[0])
                return (devices[0], devices[1])
            }
            try await database.read { store throws in
                #expect(try store.device(gone) == nil)
                #expect(try store.tokenPair(accessTokenHash: Array(repeating: 0, count: 32)) == nil)
                #expect(try store.transaction(TransactionKey(device: gone, pathHash: [1])) == nil)
                #expect(try store.devices(of: alice).map(\.number) == [kept])
                #expect(try store.tokenPairs(of: kept).count == 1)
                #expect(try store.transaction(TransactionKey(device: kept, pathHash: [1])) == at(1))
            }
        }
    }

    @Test(arguments: Backend.all) func accountDataIsPerUserRoomAndType(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let room = try database.writing { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                try store.setAccountData("m.tag", of: alice, room: room, content: [1], at: at(1))
                try store.setAccountData("m.direct", of: alice, room: nil, content: [2], at: at(2))
                try store.setAccountData("m.direct", of: bob, room: nil, content: [3], at: at(3))
                try store.setAccountData("x", of: alice, room: nil, content: [4], at: at(4))
                try store.setAccountData("m.direct", of: alice, room: nil, content: [5], at: at(5))
                return room
            }
            try await database.read { store throws in
                let direct = AccountDataRecord(type: "m.direct", content: [5], position: at(5))
                #expect(try store.accountData("m.direct", of: alice, room: nil) == direct)
                #expect(try store.accountData("m.direct", of: alice, room: room) == nil)
                #expect(try store.accountData("m.tag", of: alice, room: room)?.content == [1])
                #expect(try store.accountData(of: alice, room: nil, after: .zero).map(\.type) == ["x", "m.direct"])
                #expect(try store.accountData(of: alice, room: nil, after: at(4)) == [direct])
                #expect(try store.accountData(of: alice, room: nil, after: at(5)).isEmpty)
                #expect(try store.accountData(of: alice, room: room, after: .zero).map(\.position) == [at(1)])
                #expect(try store.latestAccountDataPositions(of: alice) == [nil: at(5), room: at(1)])
                #expect(try store.latestAccountDataPositions(of: carol).isEmpty)
            }
        }
    }

    @Test(arguments: Backend.all) func theSameFilterKeepsItsID(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let (first, second, bobs) = try database.writing { store throws in
                let first = try #require(try store.insertFilter([1], of: alice, maximumCount: 2))
                let second = try #require(try store.insertFilter([2], of: alice, maximumCount: 2))
                #expect(try store.insertFilter([1], of: alice, maximumCount: 2) == first)
                #expect(try store.insertFilter([3], of: alice, maximumCount: 2) == nil)
                return (first, second, try #require(try store.insertFilter([3], of: bob, maximumCount: 2)))
            }
            #expect(first != second)
            try await database.read { store throws in
                #expect(try store.filter(first, of: alice) == [1])
                #expect(try store.filter(second, of: alice) == [2])
                #expect(try store.filter(second, of: bob) == nil)
                #expect(try store.filter(bobs, of: bob) == [3])
                #expect(try store.filter("no number", of: alice) == nil)
            }
        }
    }
}
