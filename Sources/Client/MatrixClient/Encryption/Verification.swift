import MatrixIdentifiers

/// One verification between two devices, by comparing emojis or by scanning a code.
///
/// https://spec.matrix.org/v1.19/client-server-api/#key-verification-framework
public final class Verification: Sendable, Identifiable {
    public let id: String
    /// What names it on both sides.
    let flowID: String
    public let userID: UserID
    /// Whether the other device is one's own.
    public let isOwnDevice: Bool
    /// Whether the other side has asked.
    public let isIncoming: Bool
    let engine: Engine

    init(id: String, flowID: String, userID: UserID, isOwnDevice: Bool, isIncoming: Bool, engine: Engine) {
        self.id = id
        self.flowID = flowID
        self.userID = userID
        self.isOwnDevice = isOwnDevice
        self.isIncoming = isIncoming
        self.engine = engine
    }

    public func state() async -> VerificationState { await engine.verificationState(id) }

    /// The state, now and after each change; ends when the verification is over.
    public func updates() async -> AsyncStream<VerificationState> { await engine.verificationUpdates(id) }

    /// Agrees to a verification that the other side has asked for.
    public func accept() async throws(ClientError) {
        try await engine.verification(flowID, with: userID.string, .accept)
    }

    /// Begins to compare emojis. Both sides may.
    public func startEmoji() async throws(ClientError) {
        try await engine.verification(flowID, with: userID.string, .startEmoji)
    }

    /// The person says that both screens show the same, or that the other one's screen shows that it was scanned.
    public func confirm() async throws(ClientError) {
        try await engine.verification(flowID, with: userID.string, .confirm)
    }

    /// The person says that the screens differ: somebody may be listening.
    public func reportMismatch() async throws(ClientError) {
        try await engine.verification(flowID, with: userID.string, .mismatch)
    }

    public func cancel() async throws(ClientError) {
        try await engine.verification(flowID, with: userID.string, .cancel)
    }

    /// What this device has read from the other one's code.
    public func scanned(_ bytes: [UInt8]) async throws(ClientError) {
        try await engine.verification(flowID, with: userID.string, .scanned(bytes))
    }
}

public enum VerificationState: Sendable, Equatable {
    /// The other side has to agree, or this one: ``Verification/accept()``.
    case requested
    /// Both agree. `code` is to be shown as a QR code, if the other side can scan.
    case ready(code: [UInt8]?)
    /// Keys are being exchanged.
    case started
    /// To be compared by the two people: seven emojis, with the three numbers for those who see none.
    case comparing(emojis: [VerificationEmoji], decimals: [Int])
    /// The other side says that it has scanned our code; the person has to say whether that is so.
    case scannedByOther
    /// This side has confirmed and waits for the other one.
    case waitingForOther
    case done
    case cancelled(reason: String, byOther: Bool)

    public var isOver: Bool {
        switch self {
        case .done, .cancelled: true
        default: false
        }
    }
}

public struct VerificationEmoji: Sendable, Equatable {
    public let symbol: String
    /// In English, as the specification has it.
    public let name: String
}

/// What a person does in a verification.
enum VerificationStep: Sendable {
    case accept, startEmoji, confirm, mismatch, cancel
    case scanned([UInt8])
}
