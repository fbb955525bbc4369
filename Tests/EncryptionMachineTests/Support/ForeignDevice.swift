import CanonicalJSON
import CrossSigning
import Olm
import Primitives
import UnpaddedBase64

/// A device with a client of another kind, which says through Olm whatever the test wants.
final class ForeignDevice {
    let name: FakeServer.DeviceName
    var account: Olm.Account
    private let server: FakeServer
    private let random: RandomSource
    private var sessions: [String: Olm.Session] = [:]

    init(_ user: String, _ device: String, _ server: FakeServer, _ random: SharedRandom) {
        name = FakeServer.DeviceName(user: user, device: device)
        self.server = server
        self.random = random.source
        account = Olm.Account(random: random.source)
        account.makeOneTimeKeys(10, random: random.source)
        server.register(name)
    }

    var deviceKeys: JSONObject {
        signed([
            "algorithms": ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"], "device_id": .string(name.device),
            "user_id": .string(name.user),
            "keys": .object(
                JSONObject(members: [
                    ("curve25519:" + name.device, .string(account.identityKey.base64)),
                    ("ed25519:" + name.device, .string(account.signingKey.base64)),
                ])),
        ])
    }

    private func signed(_ object: JSONObject) -> JSONObject {
        var object = object
        let signature = UnpaddedBase64.encode(account.sign(SignedJSON.signedBytes(object) ?? []))
        object["signatures"] = .object(
            JSONObject(members: [
                (name.user, .object(JSONObject(members: [("ed25519:" + name.device, .string(signature))])))
            ]))
        return object
    }

    /// Uploads its keys.
    func publish() {
        server.deviceKeys[name] = deviceKeys
        server.oneTimeKeys[name] = account.unpublishedOneTimeKeys.map { key in
            ("signed_curve25519:" + key.keyID, .object(signed(["key": .string(key.publicKey.base64)])))
        }
        server.noteChange(of: name.user)
    }

    /// The payload that the specification wants.
    func payload(_ type: String, _ content: JSONObject, for host: Host) -> JSONObject {
        [
            "type": .string(type), "content": .object(content), "sender": .string(name.user),
            "recipient": .string(host.user), "recipient_keys": ["ed25519": .string(host.machine.ed25519Key)],
            "keys": ["ed25519": .string(account.signingKey.base64)],
        ]
    }

    /// Sends a payload through Olm.
    func send(_ payload: JSONObject, to host: Host, as sender: String? = nil) throws {
        var session: Olm.Session
        if let known = sessions[host.device] {
            session = known
        } else {
            guard let claimed = server.oneTimeKeys[host.name]?.popLast(),
                let key = claimed.key.objectValue?["key"]?.stringValue.flatMap({ Curve25519Key(base64: $0) }),
                let identity = Curve25519Key(base64: host.machine.curve25519Key)
            else { return }
            session = try account.makeOutboundSession(to: identity, oneTimeKey: key, random: random)
        }
        let message = try session.encrypt(payload.bytes(), random: random)
        sessions[host.device] = session
        let ciphertext: JSONObject = ["type": .integer(Int64(message.type)), "body": .string(message.body)]
        server.deliver(
            "m.room.encrypted",
            [
                "algorithm": "m.olm.v1.curve25519-aes-sha2", "sender_key": .string(account.identityKey.base64),
                "ciphertext": .object(JSONObject(members: [(host.machine.curve25519Key, .object(ciphertext))])),
            ], from: sender ?? name.user, to: host.name)
    }

    /// Opens what has come for the first time from each sender.
    func receive() throws -> [JSONObject] {
        let messages = server.inboxes[name] ?? []
        server.inboxes[name] = []
        var payloads: [JSONObject] = []
        for message in messages {
            guard let content = message.objectValue?["content"]?.objectValue,
                let sender = content["sender_key"]?.stringValue.flatMap({ Curve25519Key(base64: $0) }),
                let text = content["ciphertext"]?.objectValue?[account.identityKey.base64]?.objectValue,
                let body = text["body"]?.stringValue,
                case .preKey(let preKey) = try OlmMessage(type: Int(text["type"]?.integerValue ?? 9), body: body)
            else { continue }
            let opened = try account.makeInboundSession(from: sender, preKey)
            if let payload = try JSONParser.parse(opened.plaintext).objectValue { payloads.append(payload) }
        }
        return payloads
    }
}
