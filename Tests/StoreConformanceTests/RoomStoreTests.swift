import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Testing

@Suite struct RoomStoreTests {
    @Test(arguments: Backend.all) func roomsAreFoundByIDAndByNumber(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let (first, second) = try database.writing { store throws in
                (try store.insertRoom(roomID("a"), version: "12"), try store.insertRoom(roomID("b"), version: "11"))
            }
            try await database.read { store throws in
                let record = RoomRecord(number: first, roomID: roomID("a"), version: "12", isListed: false)
                #expect(try store.room(roomID("a")) == record)
                #expect(try store.room(first) == record)
                #expect(try store.room(second)?.version == "11")
                #expect(try store.room(roomID("c")) == nil)
                #expect(try store.room(RoomNumber(99)) == nil)
                #expect(try store.listedRooms().isEmpty)
            }
            #expect(throws: (any Error).self) {
                try database.write { _ = try $0.insertRoom(roomID("a"), version: "12") }
            }
            try database.write { try $0.setListed(true, room: second) }
            try await database.read { store throws in #expect(try store.listedRooms().map(\.number) == [second]) }
            try database.write { try $0.setListed(false, room: second) }
            try await database.read { store throws in #expect(try store.listedRooms().isEmpty) }
        }
    }

    private func receipt(_ userID: UserID, event: Int, position: Int64, thread: String? = nil) -> ReceiptRecord {
        ReceiptRecord(
            userID: userID, type: "m.read", threadID: thread, eventID: eventID(event),
            eventPosition: at(Int64(event)), timestamp: 1_000 + position, position: at(position))
    }

    @Test(arguments: Backend.all) func membershipsSayWhatChangedLastInTheRoom(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let (room, quiet) = try database.writing { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                let quiet = try store.insertRoom(roomID("b"), version: "12")
                for number in 1...3 { try store.addEvent(number, in: room) }
                try store.setMembership(.join, of: alice, in: room, at: at(1))
                try store.setMembership(.leave, of: bob, in: room, at: at(2))
                try store.setMembership(.invite, of: carol, in: room, at: at(3))
                try store.setMembership(.join, of: alice, in: quiet, at: at(3))
                return (room, quiet)
            }
            func latest(_ userID: UserID) async throws -> StreamPosition? {
                try await database.read { try $0.membership(of: userID, in: room)?.latestChange }
            }
            try await database.read { store throws in
                let expected = MembershipRecord(
                    room: room, roomID: roomID("a"), membership: .join, position: at(1), latestEvent: at(3),
                    latestChange: at(3), isForgotten: false)
                #expect(try store.membership(of: alice, in: room) == expected)
                #expect(Set(try store.memberships(of: alice).map(\.room)) == [room, quiet])
                #expect(try store.memberships(of: alice).contains(expected))
                #expect(try store.membership(of: alice, in: quiet)?.latestChange == .zero)
                #expect(try store.memberships(of: UserID("@nobody:test")!).isEmpty)
                #expect(try store.membership(of: bob, in: quiet) == nil)
            }
            #expect(try await latest(bob) == at(2))
            #expect(try await latest(carol) == at(3))
            // A receipt is a change, though not to who has left.
            try database.write { try $0.setReceipt(receipt(alice, event: 3, position: 9), in: room) }
            #expect(try await latest(alice) == at(9))
            #expect(try await database.read { try $0.membership(of: alice, in: room)?.latestEvent } == at(3))
            #expect(try await latest(bob) == at(2))
            try database.write { try $0.addEvent(10, in: room) }
            #expect(try await latest(alice) == at(10))
            try database.write { try $0.setMembership(.ban, of: alice, in: room, at: at(10)) }
            try database.write { try $0.addEvent(11, in: room) }
            #expect(try await latest(alice) == at(10))
        }
    }

    @Test(arguments: Backend.all) func joiningAgainEndsForgetting(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let room = try database.writing { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                try store.setMembership(.leave, of: alice, in: room, at: at(1))
                try store.setMembership(.leave, of: bob, in: room, at: at(1))
                try store.setForgotten(alice, room: room)
                return room
            }
            try await database.read { store throws in
                #expect(try store.membership(of: alice, in: room)?.isForgotten == true)
                #expect(try store.membership(of: bob, in: room)?.isForgotten == false)
            }
            try database.write { try $0.setMembership(.join, of: alice, in: room, at: at(2)) }
            try await database.read { store throws in
                #expect(try store.membership(of: alice, in: room)?.isForgotten == false)
            }
        }
    }

    @Test(arguments: Backend.all) func aliasesLeadToOneRoom(_ backend: Backend) async throws {
        let aliases = ["#b:test", "#a:test", "#c:test"].map { RoomAlias($0)! }
        try await backend.withDatabase { database throws in
            let room = try database.writing { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                let other = try store.insertRoom(roomID("b"), version: "12")
                for alias in aliases.prefix(2) {
                    try store.insertAlias(AliasRecord(alias: alias, room: room, creator: alice))
                }
                try store.insertAlias(AliasRecord(alias: aliases[2], room: other, creator: bob))
                return room
            }
            try await database.read { store throws in
                #expect(
                    try store.alias(aliases[0]) == AliasRecord(alias: aliases[0], room: room, creator: alice))
                #expect(try store.aliases(of: room).map(\.alias.string) == ["#a:test", "#b:test"])
                #expect(try store.alias(RoomAlias("#none:test")!) == nil)
            }
            #expect(throws: (any Error).self) {
                try database.write { try $0.insertAlias(AliasRecord(alias: aliases[2], room: room, creator: alice)) }
            }
            try database.write { try $0.deleteAlias(aliases[0]) }
            try await database.read { store throws in
                #expect(try store.alias(aliases[0]) == nil)
                #expect(try store.aliases(of: room).map(\.alias) == [aliases[1]])
                #expect(try store.alias(aliases[2])?.creator == bob)
            }
        }
    }

    /// Rule 99.
    @Test(arguments: Backend.all) func aReceiptTakesTheEarlierOnesPlace(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let room = try database.writing { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                let other = try store.insertRoom(roomID("b"), version: "12")
                try store.setReceipt(receipt(alice, event: 1, position: 10), in: room)
                try store.setReceipt(receipt(alice, event: 1, position: 11, thread: "main"), in: room)
                try store.setReceipt(receipt(bob, event: 2, position: 12), in: room)
                try store.setReceipt(receipt(alice, event: 3, position: 13), in: room)
                try store.setReceipt(receipt(carol, event: 3, position: 14), in: other)
                return room
            }
            try await database.read { store throws in
                let latest = receipt(alice, event: 3, position: 13)
                #expect(try store.receipt(of: alice, in: room, type: "m.read", threadID: nil) == latest)
                #expect(
                    try store.receipts(in: room) == [
                        receipt(alice, event: 1, position: 11, thread: "main"), receipt(bob, event: 2, position: 12),
                        latest,
                    ])
                #expect(try store.receipt(of: alice, in: room, type: "m.read.private", threadID: nil) == nil)
                #expect(try store.receipt(of: carol, in: room, type: "m.read", threadID: nil) == nil)
            }
        }
    }
}
