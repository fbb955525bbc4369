import CanonicalJSON
import EncryptionMachine
import Foundation
import Testing

/// Processes that end at any moment, and a network that loses, doubles and reorders.
struct KillTests {
    private struct Said {
        let event: JSONObject
        let text: String
        let room: String
    }

    /// Runs a random script among some devices; afterwards everything that was sent must be readable by everybody who
    /// was in the room, and no place of a ratchet may have been used twice (the ledger watches).
    @discardableResult
    private func run(steps: Int, killPercent: Int, lossPercent: Int, seed: UInt64? = nil) throws -> Int {
        let random = SharedRandom(seed.map { .init(seed: $0) } ?? .fresh())
        let world = World(random)
        for (user, devices) in [("@a:x", ["A1", "A2"]), ("@b:x", ["B1"]), ("@c:x", ["C1", "C2"])] {
            for device in devices { try world.add(user, device) }
        }
        world.tell([world.encryption(messages: 5)])
        try world.syncAll()
        for host in world.hosts { host.killPercent = killPercent }
        var said: [Said] = []
        for step in 0..<steps {
            guard let host = random.element(world.hosts) else { break }
            world.clock.time += Int64(random.number(0..<60_000))
            do {
                switch random.number(0..<10) {
                case 0..<4:
                    let text = "message \(step)"
                    if let event = try host.say(text, in: world.room, to: world.everybody) {
                        said.append(Said(event: event, text: text, room: world.room))
                    }
                case 4..<7: try host.sync()
                case 7: try host.sendRequests(lossPercent: lossPercent)
                case 8:
                    world.server.inboxes[host.name] = mixed(world.server.inboxes[host.name] ?? [], random)
                default:
                    // Whoever has gone and come back makes the session old.
                    world.tell([world.member("@b:x", "leave"), world.member("@b:x", "join")])
                }
            } catch is Killed {
                // Goes on as another process.
            }
        }
        for host in world.hosts { host.killPercent = 0 }
        for _ in 0..<3 { try world.syncAll() }
        for message in said {
            for host in world.hosts {
                let body = host.body(message.event, in: message.room)
                #expect(body == message.text, "\(host.device) cannot read \(message.text), seed \(random.seed)")
            }
        }
        let kills = world.hosts.map(\.kills).reduce(0, +)
        if killPercent > 0 { #expect(kills > 0, "seed \(random.seed)") }
        #expect(world.ledger.count > steps / 4, "seed \(random.seed)")
        return kills
    }

    /// What a to-device queue may do to messages without losing any: doubles and another order.
    private func mixed(_ messages: [JSONValue], _ random: SharedRandom) -> [JSONValue] {
        random.shuffled(messages + messages.filter { _ in random.chance(20) })
    }

    /// `KILLS=1000 swift test --filter KillTests` runs it as long as that takes.
    @Test func nothingIsUsedTwiceAndNothingIsLost() throws {
        let wanted = ProcessInfo.processInfo.environment["KILLS"].flatMap { Int($0) } ?? 60
        var kills = 0
        while kills < wanted { kills += try run(steps: 120, killPercent: 4, lossPercent: 20) }
    }

    @Test func withoutKills() throws {
        for _ in 0..<3 { try run(steps: 150, killPercent: 0, lossPercent: 30) }
    }

    /// A server that loses to-device messages harms the sessions that were in them, and nothing after.
    @Test func lostMessagesHarmOnlyThemselves() throws {
        let world = World()
        let alice = try world.add("@a:x", "A1")
        let bob = try world.add("@b:x", "B1")
        world.tell([world.encryption(messages: 2)])
        try world.syncAll()
        var lost = 0
        for round in 0..<40 {
            let speaker = round % 3 == 0 ? bob : alice
            let listener = round % 3 == 0 ? alice : bob
            let event = try world.say("message \(round)", speaker)
            if world.random.chance(40), !(world.server.inboxes[listener.name] ?? []).isEmpty {
                world.server.inboxes[listener.name] = []
                lost += 1
            }
            try world.syncAll()
            _ = listener.body(event, in: world.room)
        }
        for host in world.hosts { host.machine.discardSession(in: world.room) }
        for host in world.hosts {
            host.commit()
            let event = try world.say("after it all", host)
            try world.syncAll()
            for reader in world.hosts {
                #expect(reader.body(event, in: world.room) == "after it all", "seed \(world.random.seed)")
            }
        }
        #expect(lost > 0, "seed \(world.random.seed)")
    }

    /// At each single moment of one exchange, the process ends and another goes on.
    @Test func aKillAtEachMomentOfAnExchange() throws {
        for moment in 0..<60 {
            let world = World()
            let alice = try world.add("@a:x", "A1")
            let bob = try world.add("@b:x", "B1")
            alice.killAfter(moments: moment)
            var event: JSONObject?
            for _ in 0..<20 where event == nil {
                do {
                    try alice.sync()
                    event = try alice.say("hello", in: world.room, to: world.everybody)
                } catch is Killed {}
            }
            try bob.sync()
            let sent = try #require(event)
            #expect(bob.body(sent, in: world.room) == "hello", "moment \(moment), seed \(world.random.seed)")
            bob.killAfter(moments: moment % 7)
            for _ in 0..<3 {
                do {
                    try bob.sync()
                    #expect(bob.body(sent, in: world.room) == "hello" || bob.isFreshlyKilled)
                } catch is Killed {}
            }
            #expect(bob.body(sent, in: world.room) == "hello")
        }
    }
}
