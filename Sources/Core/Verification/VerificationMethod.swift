import CanonicalJSON

/// How two devices can verify each other.
///
/// https://spec.matrix.org/v1.19/client-server-api/#device-verification
public enum VerificationMethod: Sendable, Equatable, CaseIterable {
    /// Comparing emoji or numbers.
    case sas
    /// Showing a QR code, scanning one, and telling the other that it was scanned.
    case showCode, scanCode, reciprocate

    public var name: String {
        switch self {
        case .sas: "m.sas.v1"
        case .showCode: "m.qr_code.show.v1"
        case .scanCode: "m.qr_code.scan.v1"
        case .reciprocate: "m.reciprocate.v1"
        }
    }

    /// Nil for methods that we do not know.
    public init?(name: String) {
        guard let method = Self.allCases.first(where: { utf8Equal($0.name, name) }) else { return nil }
        self = method
    }

    /// The methods in a message that we know; others are left out.
    static func list(_ json: JSONValue?) -> [VerificationMethod]? {
        guard let names = json?.arrayValue, names.count <= 64 else { return nil }
        var methods: [VerificationMethod] = []
        for name in names {
            guard let name = name.stringValue else { return nil }
            if let method = VerificationMethod(name: name), !methods.contains(method) { methods.append(method) }
        }
        return methods
    }
}

/// Why a verification ended without a result.
///
/// https://spec.matrix.org/v1.19/client-server-api/#mkeyverificationcancel
public enum VerificationCancelCode: Sendable, Equatable {
    case user, timeout, unknownTransaction, unknownMethod, unexpectedMessage, keyMismatch, userMismatch, invalidMessage
    case accepted, mismatchedCommitment, mismatchedSAS
    /// A code that this version does not know.
    case other

    private static let names: [(VerificationCancelCode, String, String)] = [
        (.user, "m.user", "The user cancelled the verification"),
        (.timeout, "m.timeout", "The verification timed out"),
        (.unknownTransaction, "m.unknown_transaction", "The transaction is not known"),
        (.unknownMethod, "m.unknown_method", "The method is not known"),
        (.unexpectedMessage, "m.unexpected_message", "The message was not expected"),
        (.keyMismatch, "m.key_mismatch", "A key does not match"),
        (.userMismatch, "m.user_mismatch", "The user is not the expected one"),
        (.invalidMessage, "m.invalid_message", "The message is not valid"),
        (.accepted, "m.accepted", "Another device has taken the request"),
        (.mismatchedCommitment, "m.mismatched_commitment", "The commitment does not match the key"),
        (.mismatchedSAS, "m.mismatched_sas", "The short authentication strings do not match"),
    ]

    /// As it stands in a message.
    public var name: String { Self.names.first { $0.0 == self }?.1 ?? "m.invalid_message" }

    /// The `reason` beside it, for clients that do not know the code.
    public var reason: String { Self.names.first { $0.0 == self }?.2 ?? "The verification was cancelled" }

    init(name: String) { self = Self.names.first { utf8Equal($0.1, name) }?.0 ?? .other }
}
