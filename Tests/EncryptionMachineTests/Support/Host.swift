import CanonicalJSON
import EncryptionMachine
import Primitives

/// A kill, as of a process: whatever was in memory is gone.
struct Killed: Error {}

/// What an app does around a machine: it commits before it acts.
final class Host {
    let name: FakeServer.DeviceName
    let server: FakeServer
    let random: SharedRandom
    let clock: Clock
    private(set) var machine: EncryptionMachine<MemoryRecords>
    private(set) var records = MemoryRecords()
    /// Percent of the moments at which the process is killed.
    var killPercent = 0
    private(set) var kills = 0
    /// Moments until one kill; nil when none is planned.
    private var momentsLeft: Int?
    var isFreshlyKilled: Bool { kills > 0 }
    /// Messages of a sync that the app has taken and not yet given to the machine: on the server until acknowledged.
    private var unacknowledged: [SyncChanges] = []
    private(set) var news: [MachineNews] = []
    let ledger: Ledger

    var user: String { name.user }
    var device: String { name.device }

    init(
        _ user: String, _ device: String, _ server: FakeServer, _ random: SharedRandom, _ clock: Clock,
        _ ledger: Ledger = Ledger()
    ) throws {
        name = FakeServer.DeviceName(user: user, device: device)
        self.server = server
        self.random = random
        self.clock = clock
        self.ledger = ledger
        server.register(name)
        machine = try EncryptionMachine(
            userID: user, deviceID: device, records: records, now: { clock.time }, random: random.source)
        commit()
    }

    /// Another process with the same records.
    func restart() throws {
        // What is on a disk does not hang on to what was in memory.
        records = MemoryRecords(copying: records)
        let clock = clock
        machine = try EncryptionMachine(
            userID: user, deviceID: device, records: records, now: { clock.time }, random: random.source)
        commit()
    }

    func killAfter(moments: Int) { momentsLeft = moments }

    func commit() { records.commit(machine.takeChanges()) }

    /// The process may end here.
    private func mayDie() throws {
        if let left = momentsLeft {
            momentsLeft = left > 0 ? left - 1 : nil
            guard left == 0 else { return }
        } else {
            guard killPercent > 0, random.chance(killPercent) else { return }
        }
        kills += 1
        try restart()
        throw Killed()
    }

    /// Does something with the machine, and commits what comes of it.
    @discardableResult
    func act<Result>(_ body: (EncryptionMachine<MemoryRecords>) throws -> Result) throws -> Result {
        let result: Result
        do {
            result = try body(machine)
        } catch {
            commit()
            throw error
        }
        try mayDie()
        commit()
        try mayDie()
        return result
    }

    /// Sends what the machine wants sent, until there is nothing more. Answers may be lost, requests sent twice.
    func sendRequests(lossPercent: Int = 0) throws {
        for _ in 0..<50 {
            let requests = try act { $0.outgoingRequests() }
            guard !requests.isEmpty else { return }
            for request in requests { try send(request, lossPercent: lossPercent) }
        }
    }

    func send(_ request: OutgoingRequest, lossPercent: Int = 0) throws {
        ledger.note(request)
        if lossPercent > 0, random.chance(lossPercent) { return }
        let answer = server.respond(to: request, from: name)
        try mayDie()
        if lossPercent > 0, random.chance(lossPercent) { return }
        news += try act { try $0.receive(answer.body, status: answer.status, for: request.id) }
    }

    /// One sync: the server gives again what was not committed.
    func sync() throws {
        unacknowledged.append(server.sync(name))
        while let changes = unacknowledged.first {
            let came = try act { $0.receiveSync(changes) }
            unacknowledged.removeFirst()
            news += came
        }
        try sendRequests()
    }

    func takeNews() -> [MachineNews] {
        defer { news = [] }
        return news
    }

    /// Encrypts and "sends" a message to a room; nil when the room is blocked.
    func say(_ text: String, in room: String, to members: RoomMembers, rounds: Int = 30) throws -> JSONObject? {
        for _ in 0..<rounds {
            switch try act({ try $0.prepareToSend(in: room, members: members) }) {
            case .ready:
                let content = try act {
                    try $0.encrypt(["body": .string(text), "msgtype": "m.text"], type: "m.room.message", in: room)
                }
                let event: JSONObject = [
                    "type": "m.room.encrypted", "sender": .string(user), "room_id": .string(room),
                    "event_id": .string("$" + String(random.number(0..<1_000_000_000)) + String(clock.time)),
                    "origin_server_ts": .integer(clock.time), "content": .object(content),
                ]
                ledger.note(roomContent: content, text: text)
                return event
            case .waiting: try sendRequests()
            case .blocked: return nil
            }
        }
        return nil
    }

    func read(_ event: JSONObject, in room: String) throws -> DecryptedEvent {
        try act { try $0.decrypt(event, in: room) }
    }

    func body(_ event: JSONObject, in room: String) -> String? {
        (try? read(event, in: room))?.content["body"]?.stringValue
    }
}

/// A clock that tests turn.
final class Clock {
    var time: Int64 = 1_700_000_000_000
}
