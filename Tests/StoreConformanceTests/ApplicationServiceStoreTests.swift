import HomeserverStore
import MatrixIdentifiers
import Testing

@Suite struct ApplicationServiceStoreTests {
    @Test(arguments: Backend.all) func progressIsKept(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            #expect(try await database.read { try $0.applicationServiceProgress(of: "irc") } == nil)
            var progress = ApplicationServiceProgress(
                position: at(7), transaction: .init(id: "t1", body: [1, 0, 255]))
            try database.writing { try $0.setApplicationServiceProgress(progress, of: "irc") }
            try database.writing { try $0.setApplicationServiceProgress(.init(position: at(1)), of: "other") }
            #expect(try await database.read { try $0.applicationServiceProgress(of: "irc") } == progress)
            progress = ApplicationServiceProgress(position: at(9))
            try database.writing { try $0.setApplicationServiceProgress(progress, of: "irc") }
            #expect(try await database.read { try $0.applicationServiceProgress(of: "irc") } == progress)
            #expect(try await database.read { try $0.applicationServiceProgress(of: "other")?.position } == at(1))
        }
    }

    @Test(arguments: Backend.all) func entriesComeInOrder(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let (first, second) = try database.writing { store throws in
                let first = try store.insertRoom(roomID("a"), version: "12")
                let second = try store.insertRoom(roomID("b"), version: "12")
                try store.addEvent(3, in: first)
                try store.addEvent(4, in: second, state: StateTuple("m.room.member", alice.string))
                try store.addEvent(6, in: first, state: StateTuple("m.room.name"))
                try store.addEvent(8, in: first)
                return (first, second)
            }
            let all = try await database.read { try $0.streamEntries(after: at(3), upTo: at(8), limit: 10) }
            #expect(
                all == [
                    StreamEntry(position: at(4), room: second, member: alice),
                    StreamEntry(position: at(6), room: first, member: nil),
                    StreamEntry(position: at(8), room: first, member: nil),
                ])
            let some = try await database.read { try $0.streamEntries(after: .zero, upTo: at(7), limit: 2) }
            #expect(some.map(\.position) == [at(3), at(4)])
        }
    }

    @Test(arguments: Backend.all) func usersWithoutADeviceHaveNumbersOfTheirOwn(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            #expect(try await database.read { try $0.numberWithoutDevice(of: alice) } == nil)
            let numbers = try database.writing { store throws in
                try [alice, bob, alice].map { try store.makeNumberWithoutDevice(of: $0) }
            }
            #expect(numbers[0] == numbers[2] && numbers[0] != numbers[1])
            #expect(numbers.allSatisfy { $0.rawValue < 0 }, "no device has such a number")
            #expect(try await database.read { try $0.numberWithoutDevice(of: bob) } == numbers[1])
        }
    }

    @Test(arguments: Backend.all) func directoriesOfNetworks(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            func list(_ isListed: Bool, _ room: Int64, _ service: String, _ network: String) throws -> Bool {
                try database.writing { store throws in
                    try store.setListed(
                        isListed, room: RoomNumber(room), service: service, network: network, maximumCount: 3)
                }
            }
            func rooms(_ service: String?, _ network: String?) async throws -> [Int64] {
                try await database.read { try $0.networkRooms(service: service, network: network) }.map(\.rawValue)
            }
            for _ in 0..<2 { #expect(try list(true, 1, "irc", "libera")) }
            #expect(try list(true, 2, "irc", "oftc"))
            #expect(try list(true, 1, "other", "libera"))
            #expect(try list(true, 3, "irc", "oftc"))
            #expect(try !list(true, 4, "irc", "oftc"), "one too many")
            #expect(try await rooms("irc", "libera") == [1])
            #expect(try await rooms("irc", nil) == [1, 2, 3])
            #expect(try await rooms(nil, "libera") == [1])
            #expect(try await rooms(nil, nil) == [1, 2, 3])
            #expect(try list(false, 1, "irc", "libera"))
            #expect(try await rooms(nil, "libera") == [1])
            #expect(try await rooms("irc", "libera").isEmpty)
        }
    }
}
