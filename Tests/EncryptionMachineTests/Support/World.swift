import CanonicalJSON
import EncryptionMachine
import Testing

/// Some users with devices, a server, and one encrypted room.
final class World {
    let server = FakeServer()
    let random: SharedRandom
    let clock = Clock()
    let ledger = Ledger()
    var hosts: [Host] = []
    var identities: [String: TestIdentity] = [:]
    let room = "!room:example.org"
    var members: [String] = []
    /// How many of the events in rooms have been given to the devices.
    var deliveredRoomEvents = 0

    init(_ random: SharedRandom = SharedRandom()) { self.random = random }

    /// A new device, which has uploaded its keys.
    @discardableResult
    func add(_ user: String, _ device: String) throws -> Host {
        let host = try Host(user, device, server, random, clock, ledger)
        hosts.append(host)
        if !members.contains(user) { members.append(user) }
        try host.sendRequests()
        _ = host.machine.receiveStateEvents([encryption()], in: room)
        host.commit()
        return host
    }

    /// The user gets cross-signing keys, and signs these devices with them.
    @discardableResult
    func crossSign(_ user: String) -> TestIdentity {
        let identity = TestIdentity(user, random.source)
        identities[user] = identity
        identity.publish(on: server)
        for host in hosts where host.user == user {
            identity.sign(device: host.device, on: server)
            identity.vouch(with: host, on: server)
        }
        return identity
    }

    func encryption(messages: Int64 = 100) -> JSONObject {
        [
            "type": "m.room.encryption", "state_key": "",
            "content": ["algorithm": "m.megolm.v1.aes-sha2", "rotation_period_msgs": .integer(messages)],
        ]
    }

    func historyVisibility(_ name: String) -> JSONObject {
        ["type": "m.room.history_visibility", "state_key": "", "content": ["history_visibility": .string(name)]]
    }

    func member(_ user: String, _ membership: String) -> JSONObject {
        ["type": "m.room.member", "state_key": .string(user), "content": ["membership": .string(membership)]]
    }

    func tell(_ events: [JSONObject]) {
        for host in hosts {
            _ = host.machine.receiveStateEvents(events, in: room)
            host.commit()
        }
    }

    func syncAll() throws {
        for host in hosts { try host.sync() }
        for host in hosts { try host.sync() }
    }

    var everybody: RoomMembers { RoomMembers(joined: members) }

    /// Says something that must go out.
    func say(_ text: String, _ host: Host, to members: RoomMembers? = nil) throws -> JSONObject {
        try #require(try host.say(text, in: room, to: members ?? everybody), "seed \(random.seed)")
    }
}
