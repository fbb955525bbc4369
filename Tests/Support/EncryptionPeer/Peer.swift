import CanonicalJSON
import Megolm
import Olm
import Primitives
import ShortAuthenticationString

/// The accounts and sessions that the test has asked for. It calls them by their numbers.
struct Peer {
    var accounts: [Account] = []
    var sessions: [Session] = []
    var outboundSessions: [OutboundGroupSession] = []
    var inboundSessions: [InboundGroupSession] = []
    var agreements: [SASKeyAgreement] = []

    mutating func answer(_ request: Request) throws -> JSONObject {
        let wish = try request.text("do")
        if let answer = try answerAboutAccounts(wish, request) { return answer }
        if let answer = try answerAboutSessions(wish, request) { return answer }
        if let answer = try answerAboutGroupSessions(wish, request) { return answer }
        if let answer = try answerAboutSecrets(wish, request) { return answer }
        guard wish == "forget" else { throw Request.Missing(name: wish) }
        self = Peer()
        return [:]
    }

    private mutating func answerAboutAccounts(_ wish: String, _ request: Request) throws -> JSONObject? {
        switch wish {
        case "account":
            accounts.append(Account(random: .system))
            let account = accounts[accounts.count - 1]
            return [
                "account": .number(accounts.count - 1), "curve25519": .string(account.identityKey.base64),
                "ed25519": .string(account.signingKey.base64),
            ]
        case "one_time_keys":
            let index = try request.number("account")
            accounts[index].makeOneTimeKeys(try request.number("count"), random: .system)
            let keys = accounts[index].unpublishedOneTimeKeys
            accounts[index].markAllAsPublished()
            return ["keys": .array(keys.map { .string($0.publicKey.base64) })]
        case "fallback_key":
            let index = try request.number("account")
            accounts[index].makeFallbackKey(random: .system)
            return ["key": .string(accounts[index].unpublishedFallbackKey?.publicKey.base64 ?? "")]
        case "sign":
            return ["signature": .bytes(accounts[try request.number("account")].sign(try request.bytes("message")))]
        case "verify":
            guard let key = Ed25519Key(base64: try request.text("ed25519")) else { throw Request.Missing(name: "key") }
            return [
                "valid": .bool(
                    key.isValid(signature: try request.bytes("signature"), for: try request.bytes("message")))
            ]
        default:
            return nil
        }
    }

    private mutating func answerAboutSessions(_ wish: String, _ request: Request) throws -> JSONObject? {
        switch wish {
        case "outbound":
            let session = try accounts[try request.number("account")].makeOutboundSession(
                to: try request.curve25519Key("identity_key"),
                oneTimeKey: try request.curve25519Key("one_time_key"), random: .system)
            sessions.append(session)
            return ["session": .number(sessions.count - 1), "session_id": .string(session.sessionID)]
        case "inbound":
            guard case .preKey(let message) = try request.olmMessage() else { throw OlmError.malformedMessage }
            let index = try request.number("account")
            accounts[index] = try Account(pickle: accounts[index].pickle())
            let (session, plaintext) = try accounts[index].makeInboundSession(
                from: try request.curve25519Key("identity_key"), message)
            sessions.append(session)
            return [
                "session": .number(sessions.count - 1), "session_id": .string(session.sessionID),
                "plaintext": .bytes(plaintext),
            ]
        case "encrypt":
            let message = try sessions[try request.number("session")].encrypt(
                try request.bytes("plaintext"), random: .system)
            return ["type": .number(message.type), "body": .string(message.body)]
        case "decrypt":
            let plaintext = try sessions[try request.number("session")].decrypt(try request.olmMessage())
            return ["plaintext": .bytes(plaintext)]
        case "pickle":
            // Through its bytes and back: what follows is done by the session that was kept.
            let index = try request.number("session")
            sessions[index] = try Session(pickle: sessions[index].pickle())
            return [:]
        default:
            return nil
        }
    }

    private mutating func answerAboutGroupSessions(_ wish: String, _ request: Request) throws -> JSONObject? {
        switch wish {
        case "group":
            outboundSessions.append(OutboundGroupSession(random: .system))
            return [
                "group": .number(outboundSessions.count - 1),
                "session_id": .string(outboundSessions[outboundSessions.count - 1].sessionID),
            ]
        case "group_key":
            return ["session_key": .string(outboundSessions[try request.number("group")].sessionKey.base64)]
        case "group_encrypt":
            let index = try request.number("group")
            outboundSessions[index] = try OutboundGroupSession(pickle: outboundSessions[index].pickle())
            let message = try outboundSessions[index].encrypt(try request.bytes("plaintext"))
            return ["ciphertext": .string(message.base64), "index": .integer(Int64(message.index))]
        case "reader":
            inboundSessions.append(try reader(request))
            let session = inboundSessions[inboundSessions.count - 1]
            return [
                "reader": .number(inboundSessions.count - 1), "session_id": .string(session.sessionID),
                "first_known_index": .integer(Int64(session.firstKnownIndex)),
                "signed": .bool(session.isSignedByOwner),
            ]
        case "group_decrypt":
            let message = try MegolmMessage(base64: try request.text("ciphertext"))
            let decrypted = try inboundSessions[try request.number("reader")].decrypt(message)
            return ["plaintext": .bytes(decrypted.plaintext), "index": .integer(Int64(decrypted.index))]
        case "export":
            let session = inboundSessions[try request.number("reader")]
            guard let export = session.export(at: UInt32(try request.number("index"))) else {
                throw MegolmError.unknownMessageIndex(firstKnown: session.firstKnownIndex)
            }
            return ["session_key": .string(export.base64)]
        case "relation":
            let relation = inboundSessions[try request.number("reader")]
                .relation(to: inboundSessions[try request.number("other")])
            return ["relation": .string("\(relation)")]
        default:
            return nil
        }
    }

    private func reader(_ request: Request) throws -> InboundGroupSession {
        if request.has("libolm_pickle") {
            return try InboundGroupSession(
                libolmPickle: try request.text("libolm_pickle"), key: try request.bytes("key"))
        }
        if request.has("export") {
            return InboundGroupSession(try ExportedSessionKey(base64: try request.text("export")))
        }
        return InboundGroupSession(try SessionKey(base64: try request.text("session_key")))
    }
}
