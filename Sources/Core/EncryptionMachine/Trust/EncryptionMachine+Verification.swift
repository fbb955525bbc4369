import CanonicalJSON
import CrossSigning
import Primitives
import Verification

/// The verifications under way, and messages that wait for a device to be known.
struct VerificationWork {
    struct Held {
        let message: ReceivedVerificationMessage
        /// Nil for to-device messages.
        let place: (room: String, eventID: String, timestamp: Int64)?
    }

    /// Messages that wait, in all.
    static let maximumHeld = 32

    var flows: VerificationFlows
    var held: [Held] = []
    /// Requests for secrets that were answered, so that a server cannot have them answered again and again.
    var answeredSecrets: [[UInt8]] = []

    init(random: RandomSource) {
        // A camera is what a host says that it has.
        flows = VerificationFlows(methods: [.sas, .showCode, .reciprocate], random: random)
    }
}

/// https://spec.matrix.org/v1.19/client-server-api/#key-verification-framework
extension EncryptionMachine {
    /// Says what the host can do, such as scan codes. Verifications under way are forgotten.
    public func setVerificationMethods(_ methods: [VerificationMethod]) {
        verificationWork.flows = VerificationFlows(methods: methods, random: random)
    }

    /// Those under way and some that are over, oldest first.
    public var verifications: [VerificationFlow] { verificationWork.flows.flows }

    public func verification(_ flowID: String, with user: String) -> VerificationFlow? {
        verificationWork.flows.flow(flowID, with: user)
    }

    // MARK: What the person does

    /// Asks other devices of the own user to verify this one and be verified.
    ///
    /// - Parameter devices: nil for all others.
    /// - Returns: what names the verification.
    /// - Throws: ``MachineError/Code/unknown`` when there is no such device, ``MachineError/Code/tooMuch``.
    public func requestVerification(ofOwnDevices devices: [String]? = nil) throws(MachineError) -> String {
        let known = otherOwnDevices.map { $0.deviceID }
        let asked = devices.map { wanted in known.filter { contains(wanted, $0) } } ?? known
        guard !asked.isEmpty, let me = verificationParty else {
            throw MachineError(.unknown, "there is no such device")
        }
        guard
            let (flowID, messages) = verificationWork.flows.request(
                me: me, userID: userID, devices: asked, now: now())
        else { throw MachineError(.tooMuch, "too many verifications are under way") }
        send(messages)
        return flowID
    }

    /// Asks another user, in a room that both are in. When the server has taken the event,
    /// ``MachineNews/verificationChanged(user:flowID:)`` tells what names the verification.
    ///
    /// - Parameter body: what clients show that do not know verifications.
    /// - Throws: ``MachineError/Code/unknown`` when the user has no identity that could be verified.
    public func requestVerification(of user: String, in room: String, body: String) throws(MachineError) {
        guard let me = verificationParty, !utf8Equal(user, userID), identityRecord(of: user) != nil else {
            throw MachineError(.unknown, "the user has no identity")
        }
        let content = verificationWork.flows.roomRequest(me: me, userID: user, body: body)
        var context = trustContext(.roomRequest)
        context.write(user)
        context.write(room)
        sendRoomEvent("m.room.message", content, in: room, context: context)
    }

    func verificationWasRequested(of user: String, in room: String, eventID: String) -> [MachineNews] {
        guard let me = verificationParty,
            // The event may have come back by the sync before this answer.
            verification(eventID, with: user) == nil,
            verificationWork.flows.roomRequestWasSent(
                me: me, userID: user, roomID: room, eventID: eventID, now: now())
        else { return [] }
        return [.verificationChanged(user: user, flowID: eventID)]
    }

    /// Takes a request.
    public func acceptVerification(_ flowID: String, with user: String) -> [MachineNews] {
        let time = now()
        return change(flowID, user) { $0.accept(now: time) }
    }

    /// Declines a request, or ends a verification.
    public func cancelVerification(_ flowID: String, with user: String) -> [MachineNews] {
        change(flowID, user) { $0.cancel() }
    }

    /// Begins to compare emoji.
    public func compareEmoji(_ flowID: String, with user: String) -> [MachineNews] {
        change(flowID, user) { $0.startSAS() }
    }

    /// The person says whether both screens show the same.
    public func answerComparison(_ isSame: Bool, _ flowID: String, with user: String) -> [MachineNews] {
        change(flowID, user) { isSame ? $0.confirmMatch() : $0.denyMatch() }
    }

    /// The bytes of the QR code to show; nil when it cannot be done this way.
    public func verificationCode(_ flowID: String, with user: String) -> [UInt8]? {
        (verificationWork.flows.change(flowID, with: user) { $0.codeToShow() } ?? nil)?.bytes
    }

    /// The person has scanned the other's code.
    ///
    /// - Returns: nil when it is no code of this verification.
    public func scannedCode(_ bytes: [UInt8], _ flowID: String, with user: String) -> [MachineNews]? {
        guard case .some(.some(let messages)) = verificationWork.flows.change(flowID, with: user, { $0.scan(bytes) })
        else { return nil }
        send(messages)
        return [.verificationChanged(user: user, flowID: flowID)]
    }

    /// The person sees that the other has scanned the code that is shown here.
    public func confirmScanned(_ flowID: String, with user: String) -> [MachineNews] {
        change(flowID, user) { $0.confirmScanned() }
    }

    private func change(
        _ flowID: String, _ user: String, _ body: (inout VerificationFlow) -> [VerificationMessage]
    ) -> [MachineNews] {
        guard let before = verification(flowID, with: user)?.state,
            let messages = verificationWork.flows.change(flowID, with: user, body)
        else { return [] }
        send(messages)
        return news(of: flowID, with: user, before: before)
    }

    // MARK: What comes

    func isVerification(_ type: String) -> Bool { type.utf8.starts(with: "m.key.verification.".utf8) }

    /// A to-device message.
    func receiveVerification(
        _ type: String, _ content: JSONObject, from sender: String, device: String?
    ) -> [MachineNews] {
        receive(
            VerificationWork.Held(
                message: ReceivedVerificationMessage(
                    sender: sender, type: type, content: content, senderDeviceID: device), place: nil), mayHold: true)
    }

    /// Tells the machine an event of a room that may belong to a verification: those of the types
    /// `m.key.verification.…`, and `m.room.message` with the `msgtype` of a request. Others are ignored.
    ///
    /// - Parameters:
    ///   - event: the whole event as the server gave it.
    ///   - decrypted: what was in it, when it was encrypted.
    public func receiveVerificationEvent(
        _ event: JSONObject, decrypted: DecryptedEvent? = nil, in room: String
    ) -> [MachineNews] {
        guard let sender = event.string("sender"), isIdentifier(sender), let eventID = event.string("event_id"),
            isIdentifier(eventID), let timestamp = event["origin_server_ts"]?.integerValue,
            let type = decrypted?.type ?? event.string("type"),
            let content = decrypted?.content ?? event.object("content"),
            isVerification(type) || utf8Equal(type, "m.room.message")
        else { return [] }
        return receive(
            VerificationWork.Held(
                message: ReceivedVerificationMessage(
                    sender: sender, type: type, content: content, senderDeviceID: decrypted?.senderDevice),
                place: (room, eventID, timestamp)), mayHold: true)
    }

    private func receive(_ held: VerificationWork.Held, mayHold: Bool) -> [MachineNews] {
        guard let me = verificationParty else { return [] }
        let message = held.message
        let before = verifications.filter { utf8Equal($0.otherUserID, message.sender) || $0.state == .offered }
        let outcome: VerificationFlows.Outcome
        if let place = held.place {
            outcome = verificationWork.flows.receive(
                message, roomID: place.room, eventID: place.eventID, timestamp: place.timestamp, me: me, now: now()
            ) { party($0, of: message.sender) }
        } else {
            outcome = verificationWork.flows.receive(message, me: me, now: now()) { party($0, of: message.sender) }
        }
        send(outcome.messages)
        if outcome.needsDevice != nil, mayHold { hold(held) }
        var news: [MachineNews] = []
        for flow in verifications {
            let earlier = before.first {
                utf8Equal($0.flowID, flow.flowID) && utf8Equal($0.otherUserID, flow.otherUserID)
            }
            guard let earlier else {
                let isNew = outcome.flowID.map { utf8Equal($0, flow.flowID) } ?? false
                if isNew { news.append(.verificationChanged(user: flow.otherUserID, flowID: flow.flowID)) }
                continue
            }
            news += self.news(of: flow.flowID, with: flow.otherUserID, before: earlier.state)
        }
        return news
    }

    /// Keeps a message until the sender's devices are known. Strangers, whose devices are not tracked, cannot make the
    /// machine ask for them by a to-device message.
    private func hold(_ held: VerificationWork.Held) {
        let sender = held.message.sender
        if held.place != nil { track([sender]) }
        guard verificationWork.held.count < VerificationWork.maximumHeld,
            store.value(in: .trackedUsers, key: TrackedUserRecord.key(sender)) != nil
        else { return }
        verificationWork.held.append(held)
        markOutdated([sender])
    }

    func readHeldVerifications(of users: [String]) -> [MachineNews] {
        guard !verificationWork.held.isEmpty else { return [] }
        let ready = verificationWork.held.filter { contains(users, $0.message.sender) }
        verificationWork.held.removeAll { contains(users, $0.message.sender) }
        var news: [MachineNews] = []
        for held in ready { news += receive(held, mayHold: false) }
        return news
    }

    /// Ends what has taken too long. The host calls this now and then while a verification is shown; every sync does.
    public func expireVerifications() -> [MachineNews] {
        let (messages, ended) = verificationWork.flows.expire(now: now())
        send(messages)
        return ended.map { .verificationChanged(user: $0.otherUserID, flowID: $0.flowID) }
    }

    // MARK: Keys

    /// This side, with its keys as they are now.
    private var verificationParty: VerificationParty? {
        guard let key = Ed25519Key(base64: ed25519Key) else { return nil }
        let own = identityRecord(of: userID)
        return VerificationParty(
            userID: userID, deviceID: deviceID, deviceKey: key,
            masterKey: own.flatMap { Ed25519Key(base64: $0.masterKey) },
            trustsMasterKey: own.map { state(of: $0, user: userID) == .verified } ?? false)
    }

    /// Another device; nil when it is not known, or when its user has a device that bears a key's name.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#key-and-signature-security
    private func party(_ device: String, of user: String) -> VerificationParty? {
        guard let record = deviceRecord(device, of: user), !record.isDeleted,
            let key = Ed25519Key(base64: record.ed25519Key)
        else { return nil }
        if let identity = crossSigningIdentity(of: user),
            identity.collides(withDeviceIDs: deviceRecords(of: user).map { $0.deviceID })
        {
            return nil
        }
        return VerificationParty(
            userID: user, deviceID: device, deviceKey: key,
            masterKey: identityRecord(of: user).flatMap { Ed25519Key(base64: $0.masterKey) }, trustsMasterKey: false)
    }

    // MARK: What comes of it

    private func news(
        of flowID: String, with user: String, before: VerificationFlow.State
    ) -> [MachineNews] {
        guard let state = verification(flowID, with: user)?.state, state != before else { return [] }
        var news: [MachineNews] = [.verificationChanged(user: user, flowID: flowID)]
        if case .done(let keys) = state { news += take(keys) }
        return news
    }

    /// Signs what was verified, and asks for the secrets that this device may have now.
    private func take(_ keys: VerifiedKeys) -> [MachineNews] {
        guard utf8Equal(keys.userID, userID) else {
            takeOther(keys)
            return []
        }
        var news: [MachineNews] = []
        if let masterKey = keys.masterKey,
            identityRecord(of: userID).map({ state(of: $0, user: userID) != .verified }) ?? false
        {
            do throws(MachineError) {
                try markVerified(userID, masterKey: masterKey.base64)
                signOwnMasterKey()
                reviewVerifications()
                news.append(.crossSigningChanged)
            } catch {
                // The server shows another identity by now; that one was not verified.
            }
        }
        if let device = keys.device, let record = deviceRecord(device.id, of: userID),
            utf8Equal(record.ed25519Key, device.key.base64), !sign(ownDevice: device.id)
        {
            setVerified(record)
        }
        requestMissingSecrets()
        makeDueRequests()
        return news
    }

    private func takeOther(_ keys: VerifiedKeys) {
        if let masterKey = keys.masterKey,
            let record = identityRecord(of: keys.userID), utf8Equal(record.masterKey, masterKey.base64)
        {
            guard !sign(user: keys.userID) else { return }
            // Without the user-signing key it holds on this device only.
            do throws(MachineError) { try markVerified(keys.userID, masterKey: masterKey.base64) } catch {}
        } else if let device = keys.device, let record = deviceRecord(device.id, of: keys.userID),
            utf8Equal(record.ed25519Key, device.key.base64)
        {
            setVerified(record)
        }
    }

    private func setVerified(_ record: DeviceRecord) {
        do throws(MachineError) {
            try setLocalTrust(.verified, device: record.deviceID, of: record.userID)
        } catch {
            // The record was read a moment ago.
        }
    }

    // MARK: Sending

    private func send(_ messages: [VerificationMessage]) {
        for message in messages {
            switch message.receiver {
            case .devices(let devices):
                let records = devices.compactMap { deviceRecord($0, of: message.userID) }
                enqueueToDevice(message.type, records.map { ($0, message.content) })
            case .room(let room):
                sendRoomEvent(message.type, message.content, in: room, context: trustContext(.roomMessage))
            }
        }
    }

    private func sendRoomEvent(_ type: String, _ content: JSONObject, in room: String, context: RecordWriter) {
        let path =
            "/_matrix/client/v3/rooms/" + percentEncoded(room) + "/send/" + percentEncoded(type) + "/"
            + transactionID()
        enqueue(
            RequestRecord(
                kind: .sendRoomEvent, method: .put, path: path, body: content.bytes(), context: context.bytes))
    }
}
