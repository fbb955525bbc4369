import CanonicalJSON

/// A message of a verification as it came.
public struct ReceivedVerificationMessage: Sendable {
    public let sender: String
    public let type: String
    /// With `m.relates_to` or `transaction_id`.
    public let content: JSONObject
    /// The device that sent it when that is certain, because the message was encrypted.
    public let senderDeviceID: String?

    public init(sender: String, type: String, content: JSONObject, senderDeviceID: String?) {
        self.sender = sender
        self.type = type
        self.content = content
        self.senderDeviceID = senderDeviceID
    }
}

extension VerificationFlow {
    /// Whether the message can be from the device that this verification is with. One that is not is dropped, and does
    /// not end the verification: else anybody could end it who knows its ID.
    func concerns(_ received: ReceivedVerificationMessage) -> Bool {
        guard utf8Equal(received.sender, otherUserID), let other else { return utf8Equal(received.sender, otherUserID) }
        if let sender = received.senderDeviceID, !utf8Equal(sender, other.deviceID) { return false }
        if let claimed = received.content["from_device"]?.stringValue, !utf8Equal(claimed, other.deviceID) {
            return false
        }
        return true
    }

    /// The other device says something.
    ///
    /// - Parameter party: the keys of one of the other's devices, as we know them; nil for unknown devices.
    mutating func receive(
        _ received: ReceivedVerificationMessage, party: (_ deviceID: String) -> VerificationParty?
    ) -> [VerificationMessage] {
        guard !state.isOver, concerns(received) else { return [] }
        let content = received.content
        switch received.type {
        case let type where utf8Equal(type, VerificationMessageType.cancel):
            return receiveCancel(content, from: received.senderDeviceID)
        case let type where utf8Equal(type, VerificationMessageType.ready):
            return receiveReady(content, party: party)
        case let type where utf8Equal(type, VerificationMessageType.start):
            return receiveStart(content)
        case let type where utf8Equal(type, VerificationMessageType.accept):
            return receiveForSAS { sas throws(VerificationFailure) in
                try sas.receiveAccept(content)
            } answer: {
                $0.keyContent
            }
        case let type where utf8Equal(type, VerificationMessageType.key):
            return receiveKey(content)
        case let type where utf8Equal(type, VerificationMessageType.mac):
            return receiveMAC(content)
        case let type where utf8Equal(type, VerificationMessageType.done):
            return receiveDone()
        default:
            // A kind of message that a later version of the specification may have.
            return []
        }
    }

    private mutating func receiveCancel(_ content: JSONObject, from deviceID: String?) -> [VerificationMessage] {
        let code = VerificationCancelCode(name: content["code"]?.stringValue ?? "")
        let wasRequested = state == .requested
        state = .cancelled(code, byOther: true)
        guard wasRequested, askedDevices.count > 1 else { return [] }
        // One device declined for all; which one it was is known only when it was encrypted.
        let rest = askedDevices.filter { asked in deviceID.map { !utf8Equal($0, asked) } ?? true }
        return [cancelMessage(.user, to: rest)]
    }

    private mutating func receiveReady(
        _ content: JSONObject, party: (_ deviceID: String) -> VerificationParty?
    ) -> [VerificationMessage] {
        guard state == .requested else { return fail(.unexpectedMessage) }
        guard let deviceID = content["from_device"]?.stringValue,
            let methods = VerificationMethod.list(content["methods"])
        else { return fail(.invalidMessage) }
        if case .toDevice = channel, !askedDevices.contains(where: { utf8Equal($0, deviceID) }) {
            return fail(.unexpectedMessage)
        }
        guard let party = party(deviceID) else { return fail(.keyMismatch) }
        other = party
        theirMethods = methods
        let rest = askedDevices.filter { !utf8Equal($0, deviceID) }
        askedDevices = []
        state = .ready
        var messages: [VerificationMessage] = []
        if !rest.isEmpty { messages.append(cancelMessage(.accepted, to: rest)) }
        if !canCompare && !canShowCode && !canScanCode { messages += fail(.unknownMethod) }
        return messages
    }

    mutating func receiveStart(_ content: JSONObject) -> [VerificationMessage] {
        guard let name = content["method"]?.stringValue, let from = content["from_device"]?.stringValue, let other,
            utf8Equal(from, other.deviceID)
        else { return fail(.invalidMessage) }
        guard let method = VerificationMethod(name: name) else { return fail(.unknownMethod) }
        switch (method, state) {
        case (.sas, .ready):
            return acceptSAS(content)
        case (.sas, .agreeing) where sas?.isStarter == true && sas?.phase == .waitingForAccept:
            // Both have started: the smaller ID's counts.
            let order =
                isSelfVerification
                ? utf8Compare(me.deviceID, other.deviceID) : utf8Compare(me.userID, other.userID)
            return order < 0 ? [] : acceptSAS(content)
        case (.reciprocate, .ready):
            return receiveReciprocate(content)
        case (.sas, _), (.reciprocate, _):
            return fail(.unexpectedMessage)
        case (.showCode, _), (.scanCode, _):
            return fail(.unknownMethod)
        }
    }

    private mutating func acceptSAS(_ content: JSONObject) -> [VerificationMessage] {
        guard ourMethods.contains(.sas) else { return fail(.unknownMethod) }
        do throws(VerificationFailure) {
            let exchange = try SASExchange(accepting: content, random: random)
            sas = exchange
            state = .agreeing
            return [message(VerificationMessageType.accept, exchange.acceptContent)]
        } catch {
            return fail(error.code)
        }
    }

    private mutating func receiveForSAS(
        _ change: (inout SASExchange) throws(VerificationFailure) -> Void, answer: (SASExchange) -> JSONObject
    ) -> [VerificationMessage] {
        guard state == .agreeing, var exchange = sas else { return fail(.unexpectedMessage) }
        do throws(VerificationFailure) { try change(&exchange) } catch { return fail(error.code) }
        sas = exchange
        return [message(VerificationMessageType.key, answer(exchange))]
    }

    private mutating func receiveKey(_ content: JSONObject) -> [VerificationMessage] {
        guard state == .agreeing, var exchange = sas, let other else { return fail(.unexpectedMessage) }
        do throws(VerificationFailure) {
            try exchange.receiveKey(content, me: me, other: other, flowID: flowID)
        } catch {
            return fail(error.code)
        }
        sas = exchange
        guard let shortString = exchange.shortString else { return fail(.invalidMessage) }
        state = .comparing(shortString, emoji: exchange.usesEmoji)
        return exchange.isStarter ? [] : [message(VerificationMessageType.key, exchange.keyContent)]
    }

    private mutating func receiveMAC(_ content: JSONObject) -> [VerificationMessage] {
        switch state {
        case .comparing:
            guard otherMAC == nil else { return fail(.unexpectedMessage) }
            otherMAC = content
            return []
        case .waitingForMatch:
            return finish(withMAC: content)
        default:
            return fail(.unexpectedMessage)
        }
    }

    private mutating func receiveDone() -> [VerificationMessage] {
        guard case .waitingForConfirmation = state, let keys = scannedKeys else { return fail(.unexpectedMessage) }
        return finish(with: keys)
    }
}
