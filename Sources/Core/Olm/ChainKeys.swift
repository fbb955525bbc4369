import Primitives
import RatchetFormat

/// R(i): the secret that chains are made from.
struct RootKey: Sendable {
    let secret: SecretBytes

    /// The next root key, and the chain that begins with it.
    ///
    /// https://spec.matrix.org/v1.19/olm-megolm/olm/#advancing-the-root-key
    func advanced(
        _ ours: Curve25519KeyPair, _ theirs: Curve25519Key
    ) throws(OlmError) -> (RootKey, ChainKey) {
        var shared = try ours.secretShared(with: theirs)
        defer { wipe(&shared) }
        return Self.split(HKDFSHA256.derive(from: shared, salt: secret.bytes, info: Self.ratchetInfo, count: 64))
    }

    /// R(0) and C(0,0), from the secrets that three agreements gave.
    ///
    /// https://spec.matrix.org/v1.19/olm-megolm/olm/#initial-setup
    static func initial(_ shared: [UInt8]) -> (RootKey, ChainKey) {
        split(HKDFSHA256.derive(from: shared, salt: [], info: rootInfo, count: 64))
    }

    private static func split(_ derived: [UInt8]) -> (RootKey, ChainKey) {
        var derived = derived
        defer { wipe(&derived) }
        return (
            RootKey(secret: SecretBytes(Array(derived[..<32]))),
            ChainKey(secret: SecretBytes(Array(derived[32...])), index: 0)
        )
    }

    private static let rootInfo = Array("OLM_ROOT".utf8)
    private static let ratchetInfo = Array("OLM_RATCHET".utf8)
}

/// C(i,j): the secret that message keys are made from, one after the other.
struct ChainKey: Sendable {
    private(set) var secret: SecretBytes
    /// j: the number of the message that the next key is for.
    private(set) var index: UInt64

    init(secret: SecretBytes, index: UInt64) {
        self.secret = secret
        self.index = index
    }

    /// https://spec.matrix.org/v1.19/olm-megolm/olm/#creating-a-message-key
    var messageKey: SecretBytes {
        SecretBytes(HMACSHA256.authenticate([1], key: secret.bytes))
    }

    /// https://spec.matrix.org/v1.19/olm-megolm/olm/#advancing-the-chain-key
    mutating func advance() {
        secret = SecretBytes(HMACSHA256.authenticate([2], key: secret.bytes))
        index += 1
    }
}

extension Curve25519KeyPair {
    /// - Throws: ``OlmError/keyWithoutContribution``.
    func secretShared(with other: Curve25519Key) throws(OlmError) -> [UInt8] {
        do {
            return try agree(with: other)
        } catch {
            throw .keyWithoutContribution
        }
    }
}
