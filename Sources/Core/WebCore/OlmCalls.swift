import Olm
import Primitives
import UnpaddedBase64

// As for group sessions: what changed is made durable before what the call answered is used.

private let accounts = Handles<Account>(kind: .account)
private let sessions = Handles<Session>(kind: .session)

extension CallError {
    @inline(never)
    fileprivate init(_ error: OlmError) {
        switch error {
        case .malformedMessage: self.init(.malformed, "it is no Olm message")
        case .unknownMessageType: self.init(.malformed, "Olm's messages are of type 0 or 1")
        case .malformedPickle: self.init(.malformed, "it is no pickle")
        case .wrongIdentityKey: self.init(.refused, "the message is another device's")
        case .unknownOneTimeKey: self.init(.refused, "the one-time key is not known")
        case .wrongSession: self.init(.refused, "the message is of another session")
        case .authenticationFailed: self.init(.refused, "the authentication code is wrong")
        case .missingMessageKey: self.init(.refused, "the message was decrypted before")
        case .tooFarAhead: self.init(.refused, "too many messages are missing before this one")
        case .unexpectedRatchetKey: self.init(.refused, "the ratchet key comes too early")
        case .keyWithoutContribution: self.init(.refused, "the key is of small order")
        }
    }
}

private func key(_ arguments: inout Arguments) throws(CallError) -> Curve25519Key {
    guard let key = Curve25519Key(base64: try arguments.text()) else { throw CallError(.malformed, "it is no key") }
    return key
}

// MARK: Accounts

func accountMake(_ call: inout Call) throws(CallError) -> Int32 {
    accounts.insert(Account(random: Host.random))
}

/// Pickle → account.
func accountRestore(_ call: inout Call) throws(CallError) -> Int32 {
    let pickle = try call.arguments.bytes()
    do throws(OlmError) { return accounts.insert(try Account(pickle: pickle)) } catch { throw CallError(error) }
}

func accountPickle(_ call: inout Call) throws(CallError) -> Int32 {
    call.answer.add(try accounts[call.first].object.pickle())
    return 0
}

/// → the Ed25519 key, the Curve25519 key.
func accountKeys(_ call: inout Call) throws(CallError) -> Int32 {
    let account = try accounts[call.first].object
    call.answer.add(account.signingKey.base64)
    call.answer.add(account.identityKey.base64)
    return 0
}

/// Message → signature in Base64.
func accountSign(_ call: inout Call) throws(CallError) -> Int32 {
    call.answer.add(UnpaddedBase64.encode(try accounts[call.first].object.sign(try call.arguments.bytes())))
    return 0
}

/// Makes one-time keys, and a fallback key if `fallback` is not 0.
func accountMakeKeys(_ call: inout Call) throws(CallError) -> Int32 {
    let held = try accounts[call.first]
    held.object.makeOneTimeKeys(Int(call.second), random: Host.random)
    if call.third != 0 { held.object.makeFallbackKey(random: Host.random) }
    return 0
}

/// → name and key of each one-time key that is to be published, then those of the fallback key; the value is how many
/// one-time keys there are.
func accountUnpublishedKeys(_ call: inout Call) throws(CallError) -> Int32 {
    let account = try accounts[call.first].object
    let keys = account.unpublishedOneTimeKeys
    for key in keys + [account.unpublishedFallbackKey].compactMap({ $0 }) {
        call.answer.add(key.keyID)
        call.answer.add(key.publicKey.base64)
    }
    return Int32(keys.count)
}

func accountMarkPublished(_ call: inout Call) throws(CallError) -> Int32 {
    try accounts[call.first].object.markAllAsPublished()
    return 0
}

// MARK: Sessions

/// Identity key, one-time key of the other device → session.
func sessionBegin(_ call: inout Call) throws(CallError) -> Int32 {
    let (identityKey, oneTimeKey) = (try key(&call.arguments), try key(&call.arguments))
    let account = try accounts[call.first].object
    do throws(OlmError) {
        return sessions.insert(
            try account.makeOutboundSession(to: identityKey, oneTimeKey: oneTimeKey, random: Host.random))
    } catch { throw CallError(error) }
}

/// Identity key of the sender, body of a pre-key message → plaintext; the value is the session.
func sessionAccept(_ call: inout Call) throws(CallError) -> Int32 {
    let (identityKey, body) = (try key(&call.arguments), try call.arguments.text())
    guard let bytes = UnpaddedBase64.decode(body) else { throw CallError(.malformed, "it is not Base64") }
    let held = try accounts[call.first]
    do throws(OlmError) {
        let (session, plaintext) = try held.object.makeInboundSession(from: identityKey, PreKeyMessage(bytes))
        call.answer.add(plaintext)
        return sessions.insert(session)
    } catch { throw CallError(error) }
}

/// Pickle → session.
func sessionRestore(_ call: inout Call) throws(CallError) -> Int32 {
    let pickle = try call.arguments.bytes()
    do throws(OlmError) { return sessions.insert(try Session(pickle: pickle)) } catch { throw CallError(error) }
}

func sessionPickle(_ call: inout Call) throws(CallError) -> Int32 {
    call.answer.add(try sessions[call.first].object.pickle())
    return 0
}

/// → session ID; the value is 1 when the other side has shown that it has the session.
func sessionDescribe(_ call: inout Call) throws(CallError) -> Int32 {
    let session = try sessions[call.first].object
    call.answer.add(session.sessionID)
    return session.isEstablished ? 1 : 0
}

/// Plaintext → body; the value is the message's type.
func sessionEncrypt(_ call: inout Call) throws(CallError) -> Int32 {
    let (held, plaintext) = (try sessions[call.first], try call.arguments.bytes())
    do throws(OlmError) {
        let message = try held.object.encrypt(plaintext, random: Host.random)
        call.answer.add(message.body)
        return Int32(message.type)
    } catch { throw CallError(error) }
}

/// Body → plaintext.
func sessionDecrypt(_ call: inout Call) throws(CallError) -> Int32 {
    let (held, body) = (try sessions[call.first], try call.arguments.text())
    do throws(OlmError) {
        call.answer.add(try held.object.decrypt(OlmMessage(type: Int(call.second), body: body)))
    } catch { throw CallError(error) }
    return 0
}
