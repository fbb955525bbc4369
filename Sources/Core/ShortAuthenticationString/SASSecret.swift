import Primitives
import UnpaddedBase64

/// Who takes part in an agreement, in the words of the strings that keys are derived with.
public struct SASParty: Sendable {
    public let userID: String
    public let deviceID: String
    /// The ephemeral key that the device sent in `m.key.verification.key`.
    public let publicKey: String

    public init(userID: String, deviceID: String, publicKey: String) {
        self.userID = userID
        self.deviceID = deviceID
        self.publicKey = publicKey
    }
}

/// How the keys' authentication codes are written.
public enum SASAuthenticationCode: Sendable, Equatable {
    /// `hkdf-hmac-sha256.v2`: plain base64.
    case hmacSHA256Version2
    /// `hkdf-hmac-sha256`: what libolm once wrote when it meant base64. Only for devices that know nothing better.
    case hmacSHA256

    public var name: String {
        switch self {
        case .hmacSHA256Version2: "hkdf-hmac-sha256.v2"
        case .hmacSHA256: "hkdf-hmac-sha256"
        }
    }
}

/// How the string is derived from the secret.
public enum SASDerivation: Sendable, Equatable {
    /// `curve25519-hkdf-sha256`: the ephemeral keys are part of it.
    case curve25519HKDF
    /// `curve25519`, which the specification calls deprecated.
    case curve25519

    public var name: String {
        switch self {
        case .curve25519HKDF: "curve25519-hkdf-sha256"
        case .curve25519: "curve25519"
        }
    }
}

/// The secret of one verification: what the strings and the codes are made from.
public struct SASSecret: Sendable {
    private let storage: SecretBytes

    init(bytes: [UInt8]) {
        storage = SecretBytes(bytes)
    }

    /// The string that both people compare.
    ///
    /// - Parameters:
    ///   - starter: who sent the `m.key.verification.start` message that counts.
    ///   - accepter: who sent `m.key.verification.accept`.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#sas-hkdf-calculation
    public func shortString(
        starter: SASParty, accepter: SASParty, transactionID: String, derivation: SASDerivation = .curve25519HKDF
    ) -> ShortString {
        var info: [UInt8] = []
        switch derivation {
        case .curve25519HKDF:
            info.append(contentsOf: "MATRIX_KEY_VERIFICATION_SAS|".utf8)
            for party in [starter, accepter] {
                for part in [party.userID, party.deviceID, party.publicKey] {
                    info.append(contentsOf: part.utf8)
                    info.append(UInt8(ascii: "|"))
                }
            }
        case .curve25519:
            info.append(contentsOf: "MATRIX_KEY_VERIFICATION_SAS".utf8)
            for party in [starter, accepter] {
                info.append(contentsOf: party.userID.utf8)
                info.append(contentsOf: party.deviceID.utf8)
            }
        }
        info.append(contentsOf: transactionID.utf8)
        // HKDF writes a stream: five bytes for the numbers are the first five of the six for the emoji.
        return ShortString(bytes: HKDFSHA256.derive(from: storage.bytes, salt: [], info: info, count: 6))
    }

    /// The code that vouches for a key, or for the list of keys.
    ///
    /// - Parameters:
    ///   - text: the key in base64, or the key IDs, sorted and joined by commas.
    ///   - keyID: such as `ed25519:DEVICE`, or `KEY_IDS` for the list.
    ///   - sender: whose keys they are and from which device the code comes.
    ///   - receiver: for whom it is.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#mac-calculation
    public func authenticationCode(
        of text: String, keyID: String, sender: (userID: String, deviceID: String),
        receiver: (userID: String, deviceID: String), transactionID: String, method: SASAuthenticationCode
    ) -> String {
        var info = Array("MATRIX_KEY_VERIFICATION_MAC".utf8)
        for part in [
            sender.userID, sender.deviceID, receiver.userID, receiver.deviceID, transactionID, keyID,
        ] {
            info.append(contentsOf: part.utf8)
        }
        let key = HKDFSHA256.derive(from: storage.bytes, salt: [], info: info, count: 32)
        let code = HMACSHA256.authenticate(Array(text.utf8), key: key)
        switch method {
        case .hmacSHA256Version2: return UnpaddedBase64.encode(code)
        case .hmacSHA256: return OverwrittenBase64.encode(code)
        }
    }
}

/// What libolm made of 32 bytes when it encoded them into the place that it was reading from: each group of four
/// characters overwrites bytes that are still to be read.
private enum OverwrittenBase64 {
    private static let symbols = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ code: [UInt8]) -> String {
        var place = code + [UInt8](repeating: 0, count: 43 - code.count)
        var written = 0
        for start in stride(from: 0, to: 30, by: 3) {
            let value = UInt32(place[start]) << 16 | UInt32(place[start + 1]) << 8 | UInt32(place[start + 2])
            for position in 0..<4 {
                place[written + position] = symbols[Int(value >> UInt32(18 - 6 * position) & 63)]
            }
            written += 4
        }
        let value = (UInt32(place[30]) << 8 | UInt32(place[31])) << 2
        for position in 0..<3 {
            place[written + position] = symbols[Int(value >> UInt32(12 - 6 * position) & 63)]
        }
        return String(decoding: place, as: UTF8.self)
    }
}
