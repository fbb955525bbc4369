import CanonicalJSON
import Primitives
import UnpaddedBase64

/// What account data says about a key: how to make it from a passphrase, and how to see that it is the right one.
///
/// https://spec.matrix.org/v1.19/client-server-api/#key-storage
public struct SecretStorageKeyDescription: Sendable, Equatable {
    public static let algorithm = "m.secret_storage.v1.aes-hmac-sha2"
    /// The type of the event that names the key that counts.
    public static let defaultKeyType = "m.secret_storage.default_key"

    public let keyID: String
    public let name: String?
    public let passphrase: PassphraseDerivation?
    /// `iv` and `mac`; absent in what some old clients wrote.
    private let check: Check?

    private struct Check: Sendable, Equatable {
        var iv: [UInt8]
        var code: [UInt8]
    }

    /// What a check of a key says.
    public enum Verdict: Sendable, Equatable {
        case right
        case wrong
        /// The description has no check. The key is right when it decrypts a secret; until then nothing may be
        /// encrypted with it.
        case unknown
    }

    /// Describes a new key.
    public init(
        of key: SecretStorageKey, name: String? = nil, passphrase: PassphraseDerivation? = nil, random: RandomSource
    ) {
        let symbols = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz012345678901".utf8)
        keyID = String(decoding: random.bytes(32).map { symbols[Int($0 & 63)] }, as: UTF8.self)
        self.name = name
        self.passphrase = passphrase
        let iv = SecretStorageKey.makeIV(random)
        check = Check(iv: iv, code: key.seal(Self.zeros, name: "", iv: iv).code)
    }

    /// Reads the content of an `m.secret_storage.key.…` event.
    public init(keyID: String, json: JSONObject) throws(SecretStorageError) {
        guard let algorithm = json["algorithm"]?.stringValue else { throw .malformed }
        guard utf8Equal(algorithm, Self.algorithm) else { throw .unsupportedAlgorithm }
        self.keyID = keyID
        name = json["name"]?.stringValue
        var passphrase: PassphraseDerivation?
        if let description = json["passphrase"]?.objectValue {
            passphrase = try PassphraseDerivation(json: description)
        }
        self.passphrase = passphrase
        guard json["iv"] != nil || json["mac"] != nil else {
            check = nil
            return
        }
        guard let iv = json["iv"]?.stringValue.flatMap({ UnpaddedBase64.decode($0) }), iv.count == 16,
            let code = json["mac"]?.stringValue.flatMap({ UnpaddedBase64.decode($0) }), code.count == 32
        else { throw .malformed }
        check = Check(iv: iv, code: code)
    }

    private static let zeros = [UInt8](repeating: 0, count: 32)

    /// The type of the account data event that holds this description.
    public var eventType: String { Self.eventType(keyID: keyID) }

    public static func eventType(keyID: String) -> String { "m.secret_storage.key." + keyID }

    /// The event's content.
    public var json: JSONObject {
        var json: JSONObject = ["algorithm": .string(Self.algorithm)]
        if let name { json["name"] = .string(name) }
        if let passphrase { json["passphrase"] = .object(passphrase.json) }
        if let check {
            json["iv"] = .string(UnpaddedBase64.encode(check.iv))
            json["mac"] = .string(UnpaddedBase64.encode(check.code))
        }
        return json
    }

    /// The content of the event that makes this key the default.
    public var defaultKeyContent: JSONObject { ["key": .string(keyID)] }

    /// The key ID in the content of a default-key event.
    public static func defaultKeyID(in content: JSONObject) -> String? { content["key"]?.stringValue }

    /// Whether `key` is the described one.
    public func verdict(on key: SecretStorageKey) -> Verdict {
        guard let check else { return .unknown }
        return constantTimeEqual(key.seal(Self.zeros, name: "", iv: check.iv).code, check.code) ? .right : .wrong
    }

    /// The key that a person's input stands for: a recovery key when it has that form, else a passphrase.
    ///
    /// - Throws: ``SecretStorageError/wrongKey``, or ``SecretStorageError/noPassphrase`` when the input is no recovery
    ///   key and there is nothing else to try.
    public func key(from input: String) throws(SecretStorageError) -> SecretStorageKey {
        do throws(KeyRepresentation.Failure) {
            let key = try SecretStorageKey(recoveryKey: input)
            guard verdict(on: key) == .wrong else { return key }
        } catch {
            guard passphrase != nil else { throw .noPassphrase }
        }
        guard let passphrase else { throw .wrongKey }
        let key = SecretStorageKey(passphrase: input, derivation: passphrase)
        guard verdict(on: key) != .wrong else { throw .wrongKey }
        return key
    }

    public static func == (left: Self, right: Self) -> Bool {
        utf8Equal(left.keyID, right.keyID) && left.json == right.json
    }
}
