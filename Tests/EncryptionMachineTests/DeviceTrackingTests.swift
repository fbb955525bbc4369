import CanonicalJSON
import EncryptionMachine
import Testing

/// https://spec.matrix.org/v1.19/client-server-api/#tracking-the-device-list-for-a-user
struct DeviceTrackingTests {
    @Test func aChangeDuringAQueryIsAskedForAgain() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        try world.add("@bob:example.org", "B1")
        try alice.act { $0.trackUsers(["@bob:example.org"]) }
        let query = try #require(alice.machine.outgoingRequests().first { $0.kind == .queryKeys })
        let answer = world.server.respond(to: query, from: alice.name)
        // The change comes while the answer is on its way.
        _ = try alice.act { $0.receiveSync(SyncChanges(changedDeviceLists: ["@bob:example.org"])) }
        _ = try alice.act { try $0.receive(answer.body, status: 200, for: query.id) }
        #expect(!alice.machine.isUpToDate("@bob:example.org"))
        let second = alice.machine.outgoingRequests().filter { $0.kind == .queryKeys }
        #expect(second.count == 1)
        #expect(second.first?.id != query.id)
        try alice.sendRequests()
        #expect(alice.machine.isUpToDate("@bob:example.org"))
    }

    @Test func queriesAreBatchedAndOneAtATime() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        try alice.sync()
        try alice.act { machine in machine.trackUsers((0..<600).map { "@user\($0):example.org" }) }
        var sizes: [Int] = []
        while let query = alice.machine.outgoingRequests().first(where: { $0.kind == .queryKeys }) {
            #expect(alice.machine.outgoingRequests().filter { $0.kind == .queryKeys }.count == 1)
            let body = try JSONParser.parse(query.body).objectValue
            sizes.append(try #require(body?["device_keys"]?.objectValue?.count))
            try alice.send(query)
        }
        #expect(sizes == [250, 250, 100])
    }

    @Test func outdatedListsSurviveARestart() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        try world.add("@bob:example.org", "B1")
        try world.syncAll()
        _ = try world.say("hello", alice)
        _ = try alice.act { $0.receiveSync(SyncChanges(changedDeviceLists: ["@bob:example.org", "@nobody:x"])) }
        try alice.restart()
        #expect(!alice.machine.isUpToDate("@bob:example.org"))
        #expect(alice.machine.outgoingRequests().contains { $0.kind == .queryKeys })
        try alice.sendRequests()
        #expect(alice.machine.isUpToDate("@bob:example.org"))
        // Users who are not tracked stay so, and those who left are forgotten.
        #expect(!alice.machine.isUpToDate("@nobody:x"))
        _ = try alice.act { $0.receiveSync(SyncChanges(leftDeviceLists: ["@bob:example.org"])) }
        #expect(!alice.machine.isUpToDate("@bob:example.org"))
        #expect(!alice.machine.outgoingRequests().contains { $0.kind == .queryKeys })
    }

    @Test func aServerThatCannotBeReachedHoldsUpNobody() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        let bob = try world.add("@bob:example.org", "B1")
        world.server.tamper = { request, _, answer in
            guard request.kind == .queryKeys else { return answer }
            var answer = answer
            var lists = answer["device_keys"]?.objectValue ?? JSONObject()
            if lists["@far:away.example"] != nil {
                lists["@far:away.example"] = nil
                answer["failures"] = ["away.example": JSONValue.object(JSONObject())]
            }
            answer["device_keys"] = .object(lists)
            return answer
        }
        let members = RoomMembers(joined: [alice.user, bob.user, "@far:away.example"])
        let event = try world.say("without waiting", alice, to: members)
        try world.syncAll()
        #expect(bob.body(event, in: world.room) == "without waiting")
        #expect(!alice.machine.isUpToDate("@far:away.example"))
        let before = world.server.requestCounts[.queryKeys]
        try alice.sendRequests()
        #expect(world.server.requestCounts[.queryKeys] == before)
        world.clock.time += 60_000
        try alice.sendRequests()
        #expect(world.server.requestCounts[.queryKeys] == (before ?? 0) + 1)
    }

    @Test func allListsCanBeAskedForAgain() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        let users = (0..<20).map { "@user\($0):example.org" }
        try alice.act { $0.trackUsers(users) }
        try alice.sendRequests()
        try alice.act { $0.refreshAllDevices() }
        for user in users + [alice.user] { #expect(!alice.machine.isUpToDate(user)) }
        try alice.sendRequests()
        for user in users + [alice.user] { #expect(alice.machine.isUpToDate(user)) }
    }

    @Test func newAndRemovedDevicesAreTold() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        try world.add("@bob:example.org", "B1")
        try world.syncAll()
        _ = try world.say("hello", alice)
        _ = alice.takeNews()
        let second = try world.add("@bob:example.org", "B2")
        try alice.sync()
        #expect(
            alice.takeNews().contains(.devicesChanged(user: "@bob:example.org", added: ["B2"], removed: [])))
        world.server.remove(second.name)
        try alice.sync()
        #expect(
            alice.takeNews().contains(.devicesChanged(user: "@bob:example.org", added: [], removed: ["B2"])))
    }
}
