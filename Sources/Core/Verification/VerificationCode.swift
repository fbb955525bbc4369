import Primitives

/// What a QR code for verification says.
///
/// https://spec.matrix.org/v1.19/client-server-api/#qr-code-format
public struct VerificationCode: Sendable, Equatable {
    public enum Mode: UInt8, Sendable {
        /// The other user's identity.
        case otherUser = 0
        /// Another device of ours, shown by one that trusts the master key.
        case ownDeviceTrusting = 1
        /// Another device of ours, shown by one that does not trust the master key yet.
        case ownDeviceNotTrusting = 2
    }

    public let mode: Mode
    /// UTF-8 of the transaction or event ID.
    public let flowID: [UInt8]
    public let firstKey: Ed25519Key
    public let secondKey: Ed25519Key
    /// What proves that the code was seen.
    public let secret: [UInt8]

    public init(mode: Mode, flowID: String, firstKey: Ed25519Key, secondKey: Ed25519Key, secret: [UInt8]) {
        self.mode = mode
        self.flowID = Array(flowID.utf8)
        self.firstKey = firstKey
        self.secondKey = secondKey
        self.secret = secret
    }

    private static let header = Array("MATRIX".utf8)
    /// Fewer could be guessed by somebody who has not seen the code.
    private static let minimumSecretBytes = 8
    /// More than any QR code holds.
    private static let maximumBytes = 3_000

    /// The bytes for one segment in byte mode.
    public var bytes: [UInt8] {
        var bytes = Self.header + [2, mode.rawValue]
        bytes.append(UInt8(truncatingIfNeeded: flowID.count >> 8))
        bytes.append(UInt8(truncatingIfNeeded: flowID.count))
        bytes += flowID
        bytes += firstKey.bytes
        bytes += secondKey.bytes
        bytes += secret
        return bytes
    }

    /// Reads a scanned code; nil when it is not one of ours.
    public init?(bytes: [UInt8]) {
        guard bytes.count <= Self.maximumBytes, bytes.count >= 10, Array(bytes[..<6]) == Self.header, bytes[6] == 2,
            let mode = Mode(rawValue: bytes[7])
        else { return nil }
        let count = Int(bytes[8]) << 8 | Int(bytes[9])
        guard bytes.count >= 10 + count + 64 + Self.minimumSecretBytes else { return nil }
        let keys = 10 + count
        guard let firstKey = Ed25519Key(Array(bytes[keys..<keys + 32])),
            let secondKey = Ed25519Key(Array(bytes[keys + 32..<keys + 64]))
        else { return nil }
        self.mode = mode
        flowID = Array(bytes[10..<keys])
        self.firstKey = firstKey
        self.secondKey = secondKey
        secret = Array(bytes[(keys + 64)...])
    }
}
