import CanonicalJSON
import Primitives
import Testing
import Verification

/// A device in a test, with what it knows of the others.
struct Person {
    let party: VerificationParty
    var flows: VerificationFlows
    /// The keys that this device believes the others have, by device ID.
    var known: [String: VerificationParty] = [:]

    init(
        _ userID: String, _ deviceID: String, seed: UInt8, masterSeed: UInt8? = nil, trusts: Bool = true,
        methods: [VerificationMethod] = VerificationMethod.allCases
    ) {
        let key = Ed25519KeyPair(seed: [UInt8](repeating: seed, count: 32))!.publicKey
        let master = masterSeed.map { Ed25519KeyPair(seed: [UInt8](repeating: $0, count: 32))!.publicKey }
        party = VerificationParty(
            userID: userID, deviceID: deviceID, deviceKey: key, masterKey: master, trustsMasterKey: trusts)
        flows = VerificationFlows(methods: methods, random: Self.random(seed))
    }

    /// Other bytes at each call.
    private static func random(_ seed: UInt8) -> RandomSource {
        final class Counter: @unchecked Sendable { var value: UInt64 = 0 }
        let counter = Counter()
        return RandomSource { count in
            counter.value += 1
            return Array(SHA512.hash([seed] + Array("\(counter.value)".utf8)).prefix(count))
        }
    }

    mutating func knows(_ others: Person...) {
        for other in others {
            known[other.party.deviceID] = VerificationParty(
                userID: other.party.userID, deviceID: other.party.deviceID, deviceKey: other.party.deviceKey,
                masterKey: other.party.masterKey, trustsMasterKey: false)
        }
    }

    var userID: String { party.userID }
    var deviceID: String { party.deviceID }
}

/// Devices and the messages between them. Everything is delivered at once and in order, unless a test meddles.
struct Conversation {
    var people: [Person]
    var now: Int64 = 1_700_000_000_000
    /// Every message that was sent, with its sender's index.
    var sent: [(from: Int, message: VerificationMessage)] = []
    /// What stands between the devices: nil drops a message.
    var meddle: (VerificationMessage) -> VerificationMessage? = { $0 }
    /// Whether the server tells which device a message is from, as when it is encrypted.
    var isEncrypted = false

    init(_ people: Person...) { self.people = people }

    mutating func deliver(_ messages: [VerificationMessage], from sender: Int) {
        var queue = messages.map { (sender, $0) }
        while !queue.isEmpty {
            let (from, original) = queue.removeFirst()
            sent.append((from, original))
            guard let message = meddle(original) else { continue }
            for index in people.indices where index != from {
                guard receives(index, message, from: from) else { continue }
                let answers = give(message.type, message.content, to: index, from: from)
                queue += answers.map { (index, $0) }
            }
        }
    }

    private func receives(_ index: Int, _ message: VerificationMessage, from sender: Int) -> Bool {
        switch message.receiver {
        case .room: true
        case .devices(let devices):
            people[index].userID == message.userID && devices.contains(people[index].deviceID)
        }
    }

    @discardableResult
    mutating func give(
        _ type: String, _ content: JSONObject, to index: Int, from sender: Int, eventID: String = "$other",
        at timestamp: Int64? = nil
    ) -> [VerificationMessage] {
        let received = ReceivedVerificationMessage(
            sender: people[sender].userID, type: type, content: content,
            senderDeviceID: isEncrypted ? people[sender].deviceID : nil)
        let known = people[index].known
        let me = people[index].party
        if content["transaction_id"] != nil {
            return people[index].flows.receive(received, me: me, now: now) { known[$0] }.messages
        }
        return people[index].flows.receive(
            received, roomID: "!room:x", eventID: eventID, timestamp: timestamp ?? now, me: me, now: now
        ) { known[$0] }.messages
    }

    /// The first asks the second; the second accepts. By to-device messages, or in a room.
    mutating func beginInRoom() -> String {
        let content = people[0].flows.roomRequest(me: people[0].party, userID: people[1].userID, body: "verify?")
        people[0].flows.roomRequestWasSent(
            me: people[0].party, userID: people[1].userID, roomID: "!room:x", eventID: "$request", now: now)
        for index in people.indices.dropFirst() {
            give("m.room.message", content, to: index, from: 0, eventID: "$request")
        }
        return "$request"
    }

    mutating func begin(to devices: [String]? = nil) -> String {
        let devices = devices ?? [people[1].deviceID]
        let (flowID, messages) = people[0].flows.request(
            me: people[0].party, userID: people[1].userID, devices: devices, now: now)!
        deliver(messages, from: 0)
        return flowID
    }

    /// One person does something.
    mutating func act(
        _ index: Int, _ flowID: String, with other: Int, _ body: (inout VerificationFlow) -> [VerificationMessage]
    ) {
        let messages = people[index].flows.change(flowID, with: people[other].userID, body)
        deliver(messages ?? [], from: index)
    }

    func state(_ index: Int, _ flowID: String, with other: Int) -> VerificationFlow.State? {
        people[index].flows.flow(flowID, with: people[other].userID)?.state
    }

    mutating func accept(_ index: Int, _ flowID: String, with other: Int) {
        let now = now
        act(index, flowID, with: other) { $0.accept(now: now) }
    }
}
