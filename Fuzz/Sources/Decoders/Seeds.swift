import CanonicalJSON
import KeyBackup
import Megolm
import Olm
import Primitives
import SecretStorage
import Verification

/// Bytes that are always the same, and different each time within a run.
private final class Numbers: @unchecked Sendable {
    // There is one thread.
    private var next: UInt8 = 0

    func bytes(_ count: Int) -> [UInt8] {
        next += 1
        return HKDFSHA256.derive(from: [next], salt: [], info: [], count: count)
    }
}

/// Two devices in the middle of a conversation, always the same: what is fuzzed is read by them.
struct Seeds {
    let account: Account
    let session: Session
    let preKeyMessages: [OlmMessage]
    let messages: [OlmMessage]
    /// What the session encrypted.
    let answer: OlmMessage
    let sessions: [Session]
    let writer: OutboundGroupSession
    let reader: InboundGroupSession
    let groupMessages: [MegolmMessage]

    init() {
        do {
            let numbers = Numbers()
            let random = RandomSource { numbers.bytes($0) }
            let sender = Account(random: random)
            var receiver = Account(random: random)
            receiver.makeOneTimeKeys(2, random: random)
            receiver.makeFallbackKey(random: random)
            receiver.makeFallbackKey(random: random)
            account = receiver
            let key = receiver.unpublishedOneTimeKeys[0].publicKey
            var first = try sender.makeOutboundSession(to: receiver.identityKey, oneTimeKey: key, random: random)
            let fresh = first
            preKeyMessages = try [first.encrypt([], random: random), first.encrypt([1, 2, 3], random: random)]
            guard case .preKey(let preKey) = preKeyMessages[1] else {
                preconditionFailure("a first message is a pre-key message")
            }
            var (second, _) = try receiver.makeInboundSession(from: sender.identityKey, preKey)
            answer = try second.encrypt([4], random: random)
            _ = try first.decrypt(answer)
            messages = try (0..<3).map { try first.encrypt([UInt8](repeating: 1, count: 20 * $0), random: random) }
            session = second
            _ = try second.decrypt(messages[2])
            sessions = [fresh, first, session, second]
            var writer = OutboundGroupSession(random: random)
            reader = InboundGroupSession(writer.sessionKey)
            groupMessages = try (0..<3).map { try writer.encrypt([UInt8](repeating: 1, count: 20 * $0)) }
            self.writer = writer
        } catch {
            preconditionFailure("\(error)")
        }
    }

    func inputs(for decoder: Decoder) -> [[UInt8]] {
        switch decoder {
        case .olmMessage: messages.map(\.bytes) + [answer.bytes]
        case .preKeyMessage: preKeyMessages.map(\.bytes)
        case .megolmMessage: groupMessages.map(\.bytes)
        case .sessionKey: [writer.sessionKey.bytes]
        case .export: [reader.export().bytes, (reader.export(at: 70_000) ?? reader.export()).bytes]
        case .accountPickle: [account.pickle()]
        case .sessionPickle: sessions.map { $0.pickle() }
        case .outboundPickle: [writer.pickle()]
        case .inboundPickle: [reader.pickle(), InboundGroupSession(reader.export()).pickle()]
        case .libolmPickle: [Self.libolmPickle]
        case .json: [Array(#"{"a":[1,-2.5e3,"\u00e9\n",null,true],"b":{"":"안녕"}}"#.utf8)]
        case .recoveryKey: [Array(KeyRepresentation.encode([UInt8](repeating: 7, count: 32)).utf8)]
        case .verificationCode: [Self.verificationCode.bytes]
        case .backupData: [Self.backupData.bytes()]
        case .backupVersion: [Self.backupVersion.bytes()]
        case .encryptedFile: [Self.encryptedFile.bytes()]
        }
    }

    private static let bytes = [UInt8](repeating: 7, count: 32)
    private static let base64 = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"

    private static var verificationCode: VerificationCode {
        let keys = Ed25519KeyPair(seed: bytes)
        guard let key = keys?.publicKey else { preconditionFailure("32 bytes are a seed") }
        return VerificationCode(mode: .otherUser, flowID: "$flow", firstKey: key, secondKey: key, secret: bytes)
    }

    private static var backupData: JSONObject {
        do {
            guard let key = BackupDecryptionKey(bytes: bytes) else { preconditionFailure("32 bytes are a key") }
            return try key.encryptionKey.encrypt(Array("{}".utf8), random: .system)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    private static let backupVersion: JSONObject = [
        "algorithm": .string(BackupVersion.algorithm), "version": "1",
        "auth_data": ["public_key": .string(base64), "signatures": [:]],
    ]

    private static let encryptedFile: JSONObject = [
        "v": "v2", "url": "mxc://example.org/a", "iv": "BwcHBwcHBwcHBwcHBwcHBw",
        "key": ["kty": "oct", "alg": "A256CTR", "ext": true, "k": .string(base64)],
        "hashes": ["sha256": .string(base64)],
    ]

    /// An inbound group session that libolm 3.2.16 pickled under an empty key.
    private static let libolmPickle = Array(
        """
        QohEWCylinjMYOVmQ3lBcOmhnmOROjanp1gB4yD3AT+LBvg8c3Jshn11Rj45ezsh5X+MXYMLWZs8iWCleYKr+jarkbGvn5SubCu4\
        e5ulb+5Ez6dtyabnqM+iBNXktBro7BxovhctiYT8bQM49aON0ei9g3w9+pcI7Q6NI463GdmsEpitdvNu/3D3VwoYYtgjPHopyfi0\
        ld5LtHiphndbQJ0Cq7uHc5UspAtwNlHTu53rJiQXuy6D7I54POyswUPxqJLZyiBSOtALn/8mcJw8s8OHi1kv/4Qsmkue1EgBdfmH\
        XDBgYmnn9qYC+cn89N9c+/HWmYMqkzEn6Div2fzX3S/Eiam0OcXAlekmMI8h2ZC/uKtwLIkh1Gg+PNFVdw0AwIWMz0ZJ00VDkECj\
        pAslI67QZclgUnVS
        """.utf8)
}
