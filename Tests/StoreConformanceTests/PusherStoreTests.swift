import HomeserverStore
import MatrixIdentifiers
import Testing

@Suite struct PusherStoreTests {
    private func settings(_ pushkey: String, name: String = "App") -> PusherSettings {
        PusherSettings(
            key: PusherKey(appID: "app", pushkey: pushkey), kind: "http", appDisplayName: name,
            deviceDisplayName: "Phone", profileTag: nil, lang: "en", data: Array(#"{"url":"x"}"#.utf8))
    }

    @Test(arguments: Backend.all) func pushersComeChangeAndGo(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let (device, first, second) = try database.writing { store throws in
                for userID in [alice, bob] { try store.addAccount(userID) }
                let device = try store.upsertDevice("A", of: alice, displayName: nil)
                let other = try store.upsertDevice("B", of: bob, displayName: nil)
                let first = try store.setPusher(
                    settings("1"), of: alice, device: device, pushkeyTimestamp: 5, start: at(7))
                let second = try store.setPusher(
                    settings("1"), of: bob, device: other, pushkeyTimestamp: 6, start: at(8))
                return (device, first, second)
            }
            #expect(first != second)
            let expected = PusherRecord(
                number: first, userID: alice, device: device, settings: settings("1"), pushkeyTimestamp: 5,
                start: at(7), progress: PusherProgress())
            #expect(try await database.read { try $0.pusher(first) } == expected)
            #expect(try await database.read { try $0.pushers(of: alice) } == [expected])
            #expect(try await database.read { try $0.pushers().map(\.number) } == [first, second])

            let progress = PusherProgress(behind: at(9), badge: 3)
            let same = try database.writing { store throws in
                try store.setProgress(progress, of: first)
                return try store.setPusher(
                    settings("1", name: "New"), of: alice, device: device, pushkeyTimestamp: 50, start: at(70))
            }
            #expect(same == first)
            let changed = try await database.read { try $0.pusher(first) }
            #expect(changed?.settings == settings("1", name: "New"))
            #expect(changed?.pushkeyTimestamp == 50)
            #expect(changed?.start == at(7), "what it is for stays")
            #expect(changed?.progress == progress)

            let gone = try database.writing { try $0.deletePushers(settings("1").key, exceptOf: alice) }
            #expect(gone == [second])
            #expect(try database.writing { try $0.deletePusher(settings("2").key, of: alice) } == [])
            #expect(try database.writing { try $0.deletePusher(settings("1").key, of: alice) } == [first])
            #expect(try await database.read { try $0.pushers() } == [])
        }
    }

    /// Rule 10.
    @Test(arguments: Backend.all) func aPusherGoesWithItsDevice(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let (number, device) = try database.writing { store throws in
                try store.addAccount(alice)
                let device = try store.upsertDevice("A", of: alice, displayName: nil)
                return (
                    try store.setPusher(settings("1"), of: alice, device: device, pushkeyTimestamp: 5, start: at(7)),
                    device
                )
            }
            try database.write { try $0.deleteDevice(device) }
            #expect(try await database.read { try $0.pusher(number) } == nil)
            let next = try database.writing { store throws in
                let device = try store.upsertDevice("A", of: alice, displayName: nil)
                return try store.setPusher(
                    settings("1"), of: alice, device: device, pushkeyTimestamp: 5, start: at(7))
            }
            #expect(next > number, "a number never comes again")
        }
    }

    @Test(arguments: Backend.all) func theStreamCanBeFollowedThroughAllRooms(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            #expect(try await database.read { try $0.pushPosition() } == nil)
            let (one, two) = try database.writing { store throws in
                let one = try store.insertRoom(roomID("one"), version: "12")
                let two = try store.insertRoom(roomID("two"), version: "12")
                for number in [1, 3, 6] { try store.addEvent(number, in: one) }
                for number in [2, 5] { try store.addEvent(number, in: two) }
                try store.setPushPosition(at(4))
                try store.setPushPosition(at(5))
                return (one, two)
            }
            #expect(try await database.read { try $0.pushPosition() } == at(5))
            let places = try await database.read { store in
                try store.eventPlaces(after: at(1), upTo: at(5), limit: 10).map {
                    [$0.position.rawValue, $0.room.rawValue]
                }
            }
            #expect(places == [[2, two.rawValue], [3, one.rawValue], [5, two.rawValue]])
            #expect(
                try await database.read { try $0.eventPlaces(after: .zero, upTo: at(9), limit: 2).map(\.position) }
                    == [at(1), at(2)])
        }
    }
}
