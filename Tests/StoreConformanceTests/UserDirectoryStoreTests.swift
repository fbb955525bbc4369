import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Testing

@Suite struct UserDirectoryStoreTests {
    @Test(arguments: Backend.all) func changedNamesAreNoted(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.write { store throws in
                try store.addAccount(alice)
                try store.addAccount(bob)
                #expect(try store.directoryChanges(limit: 9).count == 2)
                #expect(try store.directoryChanges(limit: 1).count == 1)
                for userID in [alice, bob] { try store.setDirectoryTerms([1], of: userID) }
                #expect(try store.directoryChanges(limit: 9).isEmpty)
                try store.setProfileField("m.tz", to: Array("1".utf8), of: alice)
                #expect(try store.directoryChanges(limit: 9).isEmpty)
                for value in [Array("\"A\"".utf8), Array("\"B\"".utf8), nil] {
                    try store.setProfileField("displayname", to: value, of: alice)
                    #expect(try store.directoryChanges(limit: 9) == [alice])
                    try store.setDirectoryTerms([1], of: alice)
                }
                try store.resetDirectory(formatVersion: 5)
                #expect(try store.directoryChanges(limit: 9).count == 2)
                #expect(try store.directoryFormatVersion() == 5)
                #expect(try store.directoryUsers(terms: 0...9, value: 0, mask: 0, limit: 9).isEmpty)
            }
        }
    }

    /// Rule 118.
    @Test(arguments: Backend.all) func usersAreFoundByTerms(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.write { store throws in
                try store.setDirectoryTerms([0x10, 0x11, .max], of: alice)
                try store.setDirectoryTerms([0x11, 0x21], of: bob)
                func found(_ range: ClosedRange<UInt32>, _ value: UInt32 = 0, _ mask: UInt32 = 0) throws -> [UserID] {
                    try store.directoryUsers(terms: range, value: value, mask: mask, limit: 9)
                        .sorted { $0.string < $1.string }
                }
                #expect(try found(0x11...0x11) == [alice, bob])
                #expect(try found(0x10...0x20) == [alice, bob])
                #expect(try found(0x12...0x30) == [bob])
                #expect(try found(0...0x30, 0x01, 0x0F) == [alice, bob])
                #expect(try found(0...0x30, 0x00, 0x0F) == [alice])
                #expect(try found(.max...(.max)) == [alice])
                #expect(try store.directoryUsers(terms: 0...(.max), value: 0, mask: 0, limit: 1).count == 1)
                try store.setDirectoryTerms([0x50], of: alice)
                #expect(try found(0x10...0x11) == [bob])
                #expect(try found(0x50...0x50) == [alice])
                try store.setDirectoryTerms([], of: alice)
                #expect(try found(0...(.max)) == [bob])
            }
        }
    }

    @Test(arguments: Backend.all) func roomsTellWhoMaySeeWhom(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.write { store throws in
                let first = try store.insertRoom(roomID("a"), version: "12")
                let second = try store.insertRoom(roomID("b"), version: "12")
                try store.setMembership(.join, of: alice, in: first, at: at(1))
                try store.setMembership(.join, of: alice, in: second, at: at(2))
                try store.setMembership(.join, of: bob, in: first, at: at(3))
                try store.setMembership(.invite, of: carol, in: first, at: at(4))
                #expect(try store.joinedRooms(of: alice, limit: 9) == [second, first])
                #expect(try store.joinedRooms(of: alice, limit: 1) == [second])
                #expect(try store.joinedUsers(in: first, limit: 9).count == 2)
                #expect(try store.shareRoom(alice, bob) && store.shareRoom(bob, alice))
                #expect(try !store.shareRoom(alice, carol))
                try store.setMembership(.leave, of: bob, in: first, at: at(5))
                #expect(try !store.shareRoom(alice, bob))

                #expect(try !store.isPublic(first))
                try store.setListed(true, room: first)
                #expect(try store.isPublic(first))
                try store.setListed(false, room: first)
                for (number, type, content, isPublic) in [
                    (10, "m.room.join_rules", #""join_rule":"public""#, true),
                    (11, "m.room.join_rules", #""join_rule":"invite""#, false),
                    (12, "m.room.history_visibility", #""history_visibility":"world_readable""#, true),
                    (13, "m.room.history_visibility", #""history_visibility":"shared""#, false),
                    (14, "m.room.topic", #""join_rule":"public""#, false),
                ] {
                    let tuple = StateTuple(type)
                    try store.insertEvent(
                        EventRecord(
                            position: at(Int64(number)), room: first, eventID: eventID(number),
                            pdu: Array("{\"content\":{\(content)}}".utf8), replaces: nil, redactedBy: nil),
                        stateTuple: tuple)
                    try store.setCurrentState(tuple, in: first, to: at(Int64(number)))
                    #expect(try store.isPublic(first) == isPublic, "\(type) \(content)")
                }
            }
        }
    }
}
