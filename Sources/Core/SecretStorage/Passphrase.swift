import CanonicalJSON
import Primitives

/// How a key is made from a passphrase: `m.pbkdf2`.
///
/// https://spec.matrix.org/v1.19/client-server-api/#deriving-keys-from-passphrases
public struct PassphraseDerivation: Sendable, Equatable {
    /// What a server may ask of us: fewer rounds would make a stolen secret cheap to guess, more would hang the client.
    /// A million take about a second.
    public static let acceptedRounds = 1_000...10_000_000
    /// What we make new keys with.
    public static let defaultRounds = 500_000

    public let salt: String
    public let rounds: Int

    public init(salt: String, rounds: Int) {
        self.salt = salt
        self.rounds = rounds
    }

    /// A new one.
    public init(random: RandomSource, rounds: Int = defaultRounds) {
        let symbols = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz012345678901".utf8)
        salt = String(decoding: random.bytes(32).map { symbols[Int($0 & 63)] }, as: UTF8.self)
        self.rounds = rounds
    }

    /// Reads the `passphrase` member of a key's description.
    ///
    /// - Throws: ``SecretStorageError/unsupportedPassphrase`` for other algorithms or lengths,
    ///   ``SecretStorageError/roundsOutOfBounds``.
    public init(json: JSONObject) throws(SecretStorageError) {
        guard let algorithm = json["algorithm"]?.stringValue, utf8Equal(algorithm, "m.pbkdf2"),
            let salt = json["salt"]?.stringValue, let rounds = json["iterations"]?.integerValue,
            json["bits"].map({ $0 == 256 }) ?? true
        else { throw .unsupportedPassphrase }
        guard let rounds = Int(exactly: rounds), Self.acceptedRounds.contains(rounds) else { throw .roundsOutOfBounds }
        self.salt = salt
        self.rounds = rounds
    }

    public var json: JSONObject {
        ["algorithm": "m.pbkdf2", "salt": .string(salt), "iterations": .integer(Int64(rounds)), "bits": 256]
    }

    /// 32 bytes. It takes about a microsecond a round.
    func key(from passphrase: String) -> [UInt8] {
        PBKDF2SHA512.derive(password: Array(passphrase.utf8), salt: Array(salt.utf8), rounds: rounds, count: 32)
    }

    public static func == (left: Self, right: Self) -> Bool {
        utf8Equal(left.salt, right.salt) && left.rounds == right.rounds
    }
}
