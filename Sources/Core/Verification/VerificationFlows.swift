import CanonicalJSON
import Primitives

/// All verifications of one device: finds the one that a message belongs to, begins new ones, and keeps their number
/// within bounds, as strangers can ask for as many as they like.
///
/// Verifications live in memory only. One that is cut off by the end of the process times out on the other side.
public struct VerificationFlows: Sendable {
    /// Verifications at one time, and of one user.
    public static let maximumFlows = 64
    public static let maximumFlowsOfUser = 8
    private static let maximumIDBytes = 255

    public private(set) var flows: [VerificationFlow] = []

    private let methods: [VerificationMethod]
    private let random: RandomSource

    /// - Parameter methods: what this client can do, such as showing codes without a camera to scan them.
    public init(methods: [VerificationMethod], random: RandomSource) {
        self.methods = methods
        self.random = random
    }

    public func flow(_ flowID: String, with userID: String) -> VerificationFlow? {
        index(flowID, userID).map { flows[$0] }
    }

    private func index(_ flowID: String, _ userID: String) -> Int? {
        flows.firstIndex { utf8Equal($0.flowID, flowID) && utf8Equal($0.otherUserID, userID) }
    }

    /// Those between devices and those in rooms name themselves; one must not be spoken for by the other's messages.
    private func toDeviceIndex(_ flowID: String, _ userID: String) -> Int? {
        guard let index = index(flowID, userID), case .toDevice = flows[index].channel else { return nil }
        return index
    }

    /// Tells one verification what the person does.
    ///
    /// - Returns: messages to send; nil when there is no such verification.
    public mutating func change<Result>(
        _ flowID: String, with userID: String, _ body: (inout VerificationFlow) -> Result
    ) -> Result? {
        guard let index = index(flowID, userID) else { return nil }
        return body(&flows[index])
    }

    // MARK: Beginning

    /// Asks other devices of a user, usually all of our own, to verify each other.
    ///
    /// - Returns: nil when there are too many verifications already.
    public mutating func request(
        me: VerificationParty, userID: String, devices: [String], now: Int64
    ) -> (flowID: String, messages: [VerificationMessage])? {
        guard makeRoom(for: userID) else { return nil }
        let symbols = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ012345678901".utf8)
        let transactionID = String(decoding: random.bytes(24).map { symbols[Int($0 & 63)] }, as: UTF8.self)
        var flow = makeFlow(
            .toDevice(transactionID: transactionID), me: me, userID: userID, isOurs: true, theirs: [],
            deadline: now + VerificationFlow.lifetimeMilliseconds)
        flow.askedDevices = devices
        let request = flow.message(
            VerificationMessageType.request,
            [
                "from_device": .string(me.deviceID), "methods": .array(methods.map { .string($0.name) }),
                "timestamp": .integer(now),
            ])
        flows.append(flow)
        return (transactionID, [request])
    }

    /// The content of the `m.room.message` that asks a user in a room.
    ///
    /// - Parameter body: for clients that do not know verifications.
    public func roomRequest(me: VerificationParty, userID: String, body: String) -> JSONObject {
        [
            "msgtype": .string(VerificationMessageType.request), "body": .string(body), "to": .string(userID),
            "from_device": .string(me.deviceID), "methods": .array(methods.map { .string($0.name) }),
        ]
    }

    /// The server has given our ``roomRequest(me:userID:body:)`` its event ID.
    ///
    /// - Returns: false when there are too many verifications already.
    @discardableResult
    public mutating func roomRequestWasSent(
        me: VerificationParty, userID: String, roomID: String, eventID: String, now: Int64
    ) -> Bool {
        guard makeRoom(for: userID) else { return false }
        flows.append(
            makeFlow(
                .room(roomID: roomID, requestEventID: eventID), me: me, userID: userID, isOurs: true, theirs: [],
                deadline: now + VerificationFlow.lifetimeMilliseconds))
        return true
    }

    private func makeFlow(
        _ channel: VerificationChannel, me: VerificationParty, userID: String, isOurs: Bool,
        theirs: [VerificationMethod], deadline: Int64
    ) -> VerificationFlow {
        VerificationFlow(
            channel: channel, me: me, otherUserID: userID, isOurs: isOurs, state: isOurs ? .requested : .offered,
            ourMethods: methods, theirMethods: theirs, deadline: deadline, random: random)
    }

    /// Forgets the oldest that are over when there are too many.
    private mutating func makeRoom(for userID: String) -> Bool {
        func ofUser() -> Int { flows.count(where: { utf8Equal($0.otherUserID, userID) }) }
        while flows.count >= Self.maximumFlows || ofUser() >= Self.maximumFlowsOfUser {
            let isOfUser = ofUser() >= Self.maximumFlowsOfUser
            guard
                let index = flows.firstIndex(where: {
                    $0.state.isOver && (!isOfUser || utf8Equal($0.otherUserID, userID))
                })
            else { return false }
            flows.remove(at: index)
        }
        return true
    }

    // MARK: Receiving

    /// What came of a message.
    public struct Outcome: Sendable {
        public var messages: [VerificationMessage] = []
        /// The verification that changed, by its ID; nil when none did.
        public var flowID: String?
        /// A device that we do not know yet has asked. The host asks the server for the user's devices, and gives the
        /// message again when it has them.
        public var needsDevice: String?
    }

    /// A message that came to this device.
    ///
    /// - Parameters:
    ///   - me: our side, with its keys as they are now; used when a new verification begins.
    ///   - party: the keys of one of the sender's devices; nil for those that are not known, and for users of whom a
    ///     device has the ID of a cross-signing key.
    public mutating func receive(
        _ received: ReceivedVerificationMessage, me: VerificationParty, now: Int64,
        party: (_ deviceID: String) -> VerificationParty?
    ) -> Outcome {
        guard let flowID = received.content["transaction_id"]?.stringValue,
            (1...Self.maximumIDBytes).contains(flowID.utf8.count)
        else { return Outcome() }
        if let index = toDeviceIndex(flowID, received.sender) {
            // Neither a repeated request nor what follows an end means anything.
            guard !utf8Equal(received.type, VerificationMessageType.request) else { return Outcome() }
            return Outcome(messages: flows[index].receive(received, party: party), flowID: flowID)
        }
        let channel = VerificationChannel.toDevice(transactionID: flowID)
        if utf8Equal(received.type, VerificationMessageType.request) {
            guard let timestamp = received.content["timestamp"]?.integerValue else { return Outcome() }
            return offer(received, channel, timestamp: timestamp, me: me, now: now, party: party)
        }
        if utf8Equal(received.type, VerificationMessageType.start) {
            return offer(received, channel, timestamp: now, me: me, now: now, party: party)
        }
        guard !utf8Equal(received.type, VerificationMessageType.cancel),
            !utf8Equal(received.type, VerificationMessageType.done), let device = received.senderDeviceID
        else { return Outcome() }
        return Outcome(messages: [Self.unknownTransaction(flowID, received.sender, device)])
    }

    private static func unknownTransaction(_ flowID: String, _ userID: String, _ device: String) -> VerificationMessage
    {
        let code = VerificationCancelCode.unknownTransaction
        return VerificationMessage(
            type: VerificationMessageType.cancel,
            content: VerificationChannel.toDevice(transactionID: flowID).addressed([
                "code": .string(code.name), "reason": .string(code.reason),
            ]), userID: userID, receiver: .devices([device]))
    }

    /// A message that came in a room, the request among them.
    ///
    /// - Parameters:
    ///   - eventID: the event's own ID, which names the verification when it is the request.
    ///   - timestamp: `origin_server_ts`.
    public mutating func receive(
        _ received: ReceivedVerificationMessage, roomID: String, eventID: String, timestamp: Int64,
        me: VerificationParty, now: Int64, party: (_ deviceID: String) -> VerificationParty?
    ) -> Outcome {
        if utf8Equal(received.type, "m.room.message") {
            guard let kind = received.content["msgtype"]?.stringValue,
                utf8Equal(kind, VerificationMessageType.request), let to = received.content["to"]?.stringValue
            else { return Outcome() }
            if utf8Equal(received.sender, me.userID) {
                return receiveEcho(
                    of: received.content, to: to, roomID: roomID, eventID: eventID, timestamp: timestamp, me: me,
                    now: now)
            }
            guard utf8Equal(to, me.userID), index(eventID, received.sender) == nil else { return Outcome() }
            return offer(
                received, .room(roomID: roomID, requestEventID: eventID), timestamp: timestamp, me: me, now: now,
                party: party)
        }
        guard let relation = received.content["m.relates_to"]?.objectValue,
            let kind = relation["rel_type"]?.stringValue, utf8Equal(kind, "m.reference"),
            let flowID = relation["event_id"]?.stringValue,
            let index = flows.firstIndex(where: {
                guard case .room(let room, let event) = $0.channel else { return false }
                return utf8Equal(room, roomID) && utf8Equal(event, flowID)
            })
        else { return Outcome() }
        if utf8Equal(received.sender, me.userID) { return receiveOwn(received, at: index, me: me) }
        return Outcome(messages: flows[index].receive(received, party: party), flowID: flowID)
    }

    /// Our own request comes back by the sync, perhaps before the server's answer to it, and the other's `ready` right
    /// behind it.
    private mutating func receiveEcho(
        of content: JSONObject, to userID: String, roomID: String, eventID: String, timestamp: Int64,
        me: VerificationParty, now: Int64
    ) -> Outcome {
        guard let device = content["from_device"]?.stringValue, utf8Equal(device, me.deviceID),
            !utf8Equal(userID, me.userID), index(eventID, userID) == nil,
            timestamp <= now + VerificationFlow.futureMilliseconds,
            timestamp > now - VerificationFlow.lifetimeMilliseconds,
            roomRequestWasSent(me: me, userID: userID, roomID: roomID, eventID: eventID, now: now)
        else { return Outcome() }
        return Outcome(flowID: eventID)
    }

    /// Our own user said something in a room: this device, or another one that has taken the request.
    private mutating func receiveOwn(
        _ received: ReceivedVerificationMessage, at index: Int, me: VerificationParty
    ) -> Outcome {
        guard flows[index].state == .offered else { return Outcome() }
        if let device = received.content["from_device"]?.stringValue ?? received.senderDeviceID,
            utf8Equal(device, me.deviceID)
        {
            return Outcome()
        }
        let isTaken =
            utf8Equal(received.type, VerificationMessageType.ready)
            || utf8Equal(received.type, VerificationMessageType.start)
        guard isTaken || utf8Equal(received.type, VerificationMessageType.cancel) else { return Outcome() }
        flows[index].state = .cancelled(isTaken ? .accepted : .user, byOther: false)
        return Outcome(flowID: flows[index].flowID)
    }

    /// Somebody asks, or starts without asking.
    private mutating func offer(
        _ received: ReceivedVerificationMessage, _ channel: VerificationChannel, timestamp: Int64,
        me: VerificationParty, now: Int64, party: (_ deviceID: String) -> VerificationParty?
    ) -> Outcome {
        let isStart = utf8Equal(received.type, VerificationMessageType.start)
        guard let deviceID = received.content["from_device"]?.stringValue,
            received.senderDeviceID.map({ utf8Equal($0, deviceID) }) ?? true,
            timestamp <= now + VerificationFlow.futureMilliseconds,
            timestamp > now - VerificationFlow.lifetimeMilliseconds,
            let theirs = isStart ? [.sas] : VerificationMethod.list(received.content["methods"])
        else { return Outcome() }
        // Our own request, which the server sends to this device too when it was for all.
        if utf8Equal(received.sender, me.userID), utf8Equal(deviceID, me.deviceID) { return Outcome() }
        guard let other = party(deviceID) else { return Outcome(needsDevice: deviceID) }
        guard makeRoom(for: received.sender) else { return Outcome() }
        var flow = makeFlow(
            channel, me: me, userID: received.sender, isOurs: false, theirs: theirs,
            deadline: min(
                timestamp + VerificationFlow.lifetimeMilliseconds, now + VerificationFlow.promptMilliseconds))
        flow.other = other
        if isStart { flow.earlyStart = received.content }
        let earlier = cancelAll(with: other)
        guard earlier.isEmpty else {
            // A device that begins twice has all its attempts ended, as the specification asks.
            return Outcome(messages: earlier + flow.fail(.unexpectedMessage), flowID: nil)
        }
        flows.append(flow)
        return Outcome(flowID: channel.flowID)
    }

    private mutating func cancelAll(with other: VerificationParty) -> [VerificationMessage] {
        var messages: [VerificationMessage] = []
        for index in flows.indices {
            guard let party = flows[index].other, !flows[index].isOurs, utf8Equal(party.userID, other.userID),
                utf8Equal(party.deviceID, other.deviceID)
            else { continue }
            messages += flows[index].fail(.unexpectedMessage)
        }
        return messages
    }

    // MARK: Time

    /// Ends what has taken too long.
    ///
    /// - Returns: messages to send, and the verifications that ended.
    public mutating func expire(now: Int64) -> (messages: [VerificationMessage], ended: [VerificationFlow]) {
        var result: (messages: [VerificationMessage], ended: [VerificationFlow]) = ([], [])
        for index in flows.indices where !flows[index].state.isOver {
            result.messages += flows[index].expire(now: now)
            if flows[index].state.isOver { result.ended.append(flows[index]) }
        }
        return result
    }
}
