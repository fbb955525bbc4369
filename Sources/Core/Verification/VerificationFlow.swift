import CanonicalJSON
import Primitives
import ShortAuthenticationString

/// One verification, from the request to its end: told what the person wants and what the other device says, it answers
/// with messages to send.
///
/// https://spec.matrix.org/v1.19/client-server-api/#key-verification-framework
public struct VerificationFlow: Sendable {
    public enum State: Sendable, Equatable {
        /// We have asked; nobody has answered.
        case requested
        /// The other asks; our person has to accept or decline.
        case offered
        /// Both are willing: a code can be shown and scanned, or the comparison started.
        case ready
        /// The devices are agreeing on a string.
        case agreeing
        /// Both people compare.
        case comparing(ShortString, emoji: Bool)
        /// Our person says that it matches; the other's has not said yet.
        case waitingForMatch
        /// The other has scanned our code: our person confirms that their screen says so.
        case codeScanned
        /// We have scanned the other's code; their person has not confirmed yet.
        case waitingForConfirmation
        case done(VerifiedKeys)
        case cancelled(VerificationCancelCode, byOther: Bool)

        public var isOver: Bool {
            switch self {
            case .done, .cancelled: true
            default: false
            }
        }
    }

    /// Milliseconds after which a verification is given up.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#error-and-exception-handling
    public static let lifetimeMilliseconds: Int64 = 10 * 60 * 1000
    /// Milliseconds that a request is shown to the person who is asked.
    public static let promptMilliseconds: Int64 = 2 * 60 * 1000
    /// How far in the future a request's time may be.
    public static let futureMilliseconds: Int64 = 5 * 60 * 1000

    public let channel: VerificationChannel
    public let otherUserID: String
    /// Whether this device asked.
    public let isOurs: Bool
    public internal(set) var state: State
    /// The other device, since it is known.
    public internal(set) var other: VerificationParty?
    /// What this client can do, and what the other says it can.
    let ourMethods: [VerificationMethod]
    var theirMethods: [VerificationMethod]

    let me: VerificationParty
    let random: RandomSource
    /// The devices that were asked; all but one are told when one answers.
    var askedDevices: [String]
    /// When it is given up, in milliseconds.
    var deadline: Int64
    /// A `start` that came without a request, for when the person accepts.
    var earlyStart: JSONObject?
    package var sas: SASExchange?
    /// The other's `mac` when it came before our person had confirmed.
    var otherMAC: JSONObject?
    /// The secret in the code that we show.
    var codeSecret: [UInt8]?
    /// What scanning the other's code has shown, until they confirm.
    var scannedKeys: VerifiedKeys?

    public var flowID: String { channel.flowID }

    init(
        channel: VerificationChannel, me: VerificationParty, otherUserID: String, isOurs: Bool, state: State,
        ourMethods: [VerificationMethod], theirMethods: [VerificationMethod], deadline: Int64, random: RandomSource
    ) {
        self.channel = channel
        self.me = me
        self.otherUserID = otherUserID
        self.isOurs = isOurs
        self.state = state
        self.ourMethods = ourMethods
        self.theirMethods = theirMethods
        self.random = random
        askedDevices = []
        self.deadline = deadline
    }

    /// Whether the other is another device of our own.
    public var isSelfVerification: Bool { utf8Equal(me.userID, otherUserID) }

    /// What both can do.
    public var canCompare: Bool { both(.sas) }
    public var canShowCode: Bool {
        ourMethods.contains(.showCode) && theirMethods.contains(.scanCode) && both(.reciprocate)
    }
    public var canScanCode: Bool {
        ourMethods.contains(.scanCode) && theirMethods.contains(.showCode) && both(.reciprocate)
    }

    private func both(_ method: VerificationMethod) -> Bool {
        ourMethods.contains(method) && theirMethods.contains(method)
    }

    /// What we answer with: those of our methods that go with one of theirs.
    private var answeredMethods: [VerificationMethod] {
        ourMethods.filter { method in
            switch method {
            case .sas: canCompare
            case .showCode: canShowCode
            case .scanCode: canScanCode
            case .reciprocate: canShowCode || canScanCode
            }
        }
    }

    // MARK: Messages

    func message(_ type: String, _ content: JSONObject, to devices: [String]? = nil) -> VerificationMessage {
        let receiver: VerificationMessage.Receiver =
            switch channel {
            case .toDevice: .devices(devices ?? other.map { [$0.deviceID] } ?? askedDevices)
            case .room(let roomID, _): .room(roomID)
            }
        return VerificationMessage(
            type: type, content: channel.addressed(content), userID: otherUserID, receiver: receiver)
    }

    func cancelMessage(_ code: VerificationCancelCode, to devices: [String]? = nil) -> VerificationMessage {
        message(
            VerificationMessageType.cancel, ["code": .string(code.name), "reason": .string(code.reason)], to: devices)
    }

    /// Ends it for the reason, and tells the other.
    mutating func fail(_ code: VerificationCancelCode) -> [VerificationMessage] {
        guard !state.isOver else { return [] }
        state = .cancelled(code, byOther: false)
        return [cancelMessage(code)]
    }

    // MARK: What the person does

    /// Takes the other's request.
    ///
    /// - Returns: `ready`, or `accept` when the other began without asking; nothing when there is nothing to accept.
    public mutating func accept(now: Int64) -> [VerificationMessage] {
        guard state == .offered else { return [] }
        deadline = now + Self.lifetimeMilliseconds
        if let start = earlyStart {
            earlyStart = nil
            state = .ready
            return receiveStart(start)
        }
        let methods = answeredMethods
        guard !methods.isEmpty else { return fail(.unknownMethod) }
        state = .ready
        return [
            message(
                VerificationMessageType.ready,
                ["from_device": .string(me.deviceID), "methods": .array(methods.map { .string($0.name) })])
        ]
    }

    /// Ends it, before or after it was accepted.
    public mutating func cancel() -> [VerificationMessage] { fail(.user) }

    /// The person wants to compare emoji.
    public mutating func startSAS() -> [VerificationMessage] {
        guard state == .ready, canCompare, other != nil else { return [] }
        var content = SASExchange.startContent
        content["from_device"] = .string(me.deviceID)
        let start = message(VerificationMessageType.start, content)
        guard let exchange = SASExchange(starting: start.content, random: random) else { return [] }
        sas = exchange
        state = .agreeing
        return [start]
    }

    /// The person says that both strings are the same.
    public mutating func confirmMatch() -> [VerificationMessage] {
        guard case .comparing = state, let sas, let other,
            let content = sas.macContent(me: me, other: other, flowID: flowID)
        else { return [] }
        state = .waitingForMatch
        let mac = message(VerificationMessageType.mac, content)
        guard let otherMAC else { return [mac] }
        return [mac] + finish(withMAC: otherMAC)
    }

    /// The person says that the strings differ: somebody is in between.
    public mutating func denyMatch() -> [VerificationMessage] {
        guard case .comparing = state else { return [] }
        return fail(.mismatchedSAS)
    }

    func verified(by mac: JSONObject) throws(VerificationFailure) -> VerifiedKeys {
        guard let sas, let other else { throw VerificationFailure(.unexpectedMessage) }
        return try sas.verifiedKeys(in: mac, me: me, other: other, flowID: flowID)
    }

    mutating func finish(withMAC mac: JSONObject) -> [VerificationMessage] {
        do throws(VerificationFailure) {
            return finish(with: try verified(by: mac))
        } catch {
            return fail(error.code)
        }
    }

    mutating func finish(with keys: VerifiedKeys) -> [VerificationMessage] {
        state = .done(keys)
        return [message(VerificationMessageType.done, [:])]
    }

    // MARK: Time

    /// Ends what has taken too long. A request that was not answered goes away silently, as the specification says of
    /// prompts.
    ///
    /// - Parameter now: milliseconds.
    public mutating func expire(now: Int64) -> [VerificationMessage] {
        guard !state.isOver, now >= deadline else { return [] }
        guard state == .offered else { return fail(.timeout) }
        state = .cancelled(.timeout, byOther: false)
        return []
    }
}
