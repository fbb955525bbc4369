import CanonicalJSON
import EncryptedAttachments
import KeyBackup
import Megolm
import Olm
import Primitives
import SecretStorage
import Verification

/// What reads bytes that others wrote. None of it may end the program, whatever the bytes are; and what it takes, it
/// gives back as it was.
enum Decoder: String, CaseIterable {
    case olmMessage = "olm-message"
    case preKeyMessage = "pre-key-message"
    case megolmMessage = "megolm-message"
    case sessionKey = "session-key"
    case export = "export"
    case accountPickle = "account-pickle"
    case sessionPickle = "session-pickle"
    case outboundPickle = "outbound-pickle"
    case inboundPickle = "inbound-pickle"
    case libolmPickle = "libolm-pickle"
    case json = "json"
    case recoveryKey = "recovery-key"
    case verificationCode = "verification-code"
    case backupData = "backup-data"
    case backupVersion = "backup-version"
    case encryptedFile = "encrypted-file"

    func run(_ input: [UInt8]) {
        do {
            switch self {
            case .olmMessage: try Self.receive(type: 1, input)
            case .preKeyMessage: try Self.receive(type: 0, input)
            case .megolmMessage: try Self.read(input)
            case .sessionKey: try Self.require(SessionKey(input).bytes == input)
            case .export: try Self.use(InboundGroupSession(ExportedSessionKey(input)), exportedAs: input)
            case .accountPickle: try Self.use(Account(pickle: input), pickledAs: input)
            case .sessionPickle: try Self.use(Session(pickle: input), pickledAs: input)
            case .outboundPickle: try Self.use(OutboundGroupSession(pickle: input), pickledAs: input)
            case .inboundPickle: try Self.use(InboundGroupSession(pickle: input), pickledAs: input)
            case .libolmPickle:
                _ = try InboundGroupSession(libolmPickle: String(decoding: input, as: UTF8.self), key: [])
            case .json: try Self.use(JSONParser.parse(input))
            case .recoveryKey: try Self.readRecoveryKey(String(decoding: input, as: UTF8.self))
            case .verificationCode: if let code = VerificationCode(bytes: input) { Self.require(code.bytes == input) }
            case .backupData: try Self.decryptBackup(Self.object(input))
            case .backupVersion: _ = try BackupVersion(json: Self.object(input))
            case .encryptedFile: try Self.use(EncryptedFile(json: Self.object(input)))
            }
        } catch {
            // Refused, as it should be.
        }
    }

    private static let seeds = Seeds()

    private static func require(_ condition: Bool) {
        precondition(condition, "what was read is not what was written")
    }

    private static func object(_ input: [UInt8]) throws -> JSONObject {
        try JSONParser.parse(input).objectValue ?? [:]
    }

    private static func use(_ value: JSONValue) throws {
        try require(JSONParser.parse(value.bytes()) == value)
        _ = try value.canonicalBytes()
    }

    private static func readRecoveryKey(_ text: String) throws {
        let key = try KeyRepresentation.decode(text)
        try require(KeyRepresentation.decode(KeyRepresentation.encode(key)) == key)
    }

    private static func decryptBackup(_ sessionData: JSONObject) throws {
        guard let key = BackupDecryptionKey(bytes: [UInt8](repeating: 7, count: 32)) else { return }
        _ = try key.decrypt(sessionData)
    }

    private static func use(_ file: EncryptedFile) throws {
        try require(EncryptedFile(json: file.json) == file)
    }

    private static func receive(type: Int, _ input: [UInt8]) throws {
        let message = try OlmMessage(type: type, bytes: input)
        precondition(message.bytes == input)
        try require(OlmMessage(type: type, body: message.body) == message)
        var session = seeds.session
        let before = session.pickle()
        do {
            _ = try session.decrypt(message)
        } catch {
            precondition(session.pickle() == before, "a refused message has changed the session")
        }
        if case .preKey(let preKey) = message {
            var account = seeds.account
            _ = try account.makeInboundSession(from: preKey.keys.identityKey, preKey)
        }
    }

    private static func read(_ input: [UInt8]) throws {
        let message = try MegolmMessage(input)
        precondition(message.bytes == input)
        try require(MegolmMessage(base64: message.base64) == message)
        var session = seeds.reader
        _ = try session.decrypt(message)
    }

    private static func use(_ session: InboundGroupSession, exportedAs input: [UInt8]) throws {
        precondition(session.export().bytes == input)
        precondition(session.relation(to: session) == .equal)
        _ = session.relation(to: seeds.reader)
        _ = session.export(at: .max)
    }

    private static func use(_ account: Account, pickledAs input: [UInt8]) throws {
        precondition(account.pickle() == input)
        var account = account
        account.makeOneTimeKeys(1, random: .system)
        account.makeFallbackKey(random: .system)
        account.markAllAsPublished()
    }

    private static func use(_ session: Session, pickledAs input: [UInt8]) throws {
        precondition(session.pickle() == input)
        var session = session
        _ = try session.encrypt([1], random: .system)
        _ = try session.decrypt(seeds.answer)
    }

    private static func use(_ session: OutboundGroupSession, pickledAs input: [UInt8]) throws {
        precondition(session.pickle() == input)
        var session = session
        _ = try session.encrypt([1])
    }

    private static func use(_ session: InboundGroupSession, pickledAs input: [UInt8]) throws {
        precondition(session.pickle() == input)
        var session = session
        _ = session.export(at: .max)
        _ = try session.decrypt(seeds.groupMessages[0])
    }
}
