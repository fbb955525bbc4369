import Megolm
import Primitives

// Sessions are values that change with every message: the host keeps each in one place, takes its pickle after a call
// and makes that durable before it sends or shows what the call answered.

private let senders = Handles<OutboundGroupSession>(kind: .groupSender)
private let receivers = Handles<InboundGroupSession>(kind: .groupReceiver)

extension CallError {
    @inline(never)
    fileprivate init(_ error: MegolmError) {
        switch error {
        case .malformedMessage: self.init(.malformed, "it is no Megolm message")
        case .malformedSessionKey: self.init(.malformed, "it is no session key")
        case .malformedPickle: self.init(.malformed, "it is no pickle")
        case .invalidSignature: self.init(.refused, "the signature is not the session's")
        case .authenticationFailed: self.init(.refused, "the authentication code is wrong")
        case .unknownMessageIndex: self.init(.refused, "the message is from before what can be read")
        case .exhausted: self.init(.refused, "the session is used up")
        }
    }
}

// MARK: Sending

func groupSenderMake(_ call: inout Call) throws(CallError) -> Int32 {
    senders.insert(OutboundGroupSession(random: Host.random))
}

/// Pickle → session.
func groupSenderRestore(_ call: inout Call) throws(CallError) -> Int32 {
    let pickle = try call.arguments.bytes()
    do throws(MegolmError) {
        return senders.insert(try OutboundGroupSession(pickle: pickle))
    } catch { throw CallError(error) }
}

func groupSenderPickle(_ call: inout Call) throws(CallError) -> Int32 {
    call.answer.add(try senders[call.first].object.pickle())
    return 0
}

/// → session ID, session key; the value is the next message's index.
func groupSenderDescribe(_ call: inout Call) throws(CallError) -> Int32 {
    let session = try senders[call.first].object
    call.answer.add(session.sessionID)
    call.answer.add(session.sessionKey.base64)
    return Int32(clamping: session.nextIndex)
}

/// Plaintext → message in Base64.
func groupSenderEncrypt(_ call: inout Call) throws(CallError) -> Int32 {
    let (held, plaintext) = (try senders[call.first], try call.arguments.bytes())
    do throws(MegolmError) { call.answer.add(try held.object.encrypt(plaintext).base64) } catch {
        throw CallError(error)
    }
    return 0
}

// MARK: Receiving

/// Session key, as the sender shared it → session.
func groupReceiverMake(_ call: inout Call) throws(CallError) -> Int32 {
    let text = try call.arguments.text()
    do throws(MegolmError) {
        return receivers.insert(InboundGroupSession(try SessionKey(base64: text)))
    } catch { throw CallError(error) }
}

/// Session key as it is forwarded, backed up and exported → session.
func groupReceiverImport(_ call: inout Call) throws(CallError) -> Int32 {
    let text = try call.arguments.text()
    do throws(MegolmError) {
        return receivers.insert(InboundGroupSession(try ExportedSessionKey(base64: text)))
    } catch { throw CallError(error) }
}

/// Pickle → session.
func groupReceiverRestore(_ call: inout Call) throws(CallError) -> Int32 {
    let pickle = try call.arguments.bytes()
    do throws(MegolmError) {
        return receivers.insert(try InboundGroupSession(pickle: pickle))
    } catch { throw CallError(error) }
}

func groupReceiverPickle(_ call: inout Call) throws(CallError) -> Int32 {
    call.answer.add(try receivers[call.first].object.pickle())
    return 0
}

/// → session ID; the value is the index of the first message that can be read.
func groupReceiverDescribe(_ call: inout Call) throws(CallError) -> Int32 {
    let session = try receivers[call.first].object
    call.answer.add(session.sessionID)
    return Int32(clamping: session.firstKnownIndex)
}

/// Message in Base64 → plaintext, message index.
func groupReceiverDecrypt(_ call: inout Call) throws(CallError) -> Int32 {
    let (held, text) = (try receivers[call.first], try call.arguments.text())
    do throws(MegolmError) {
        let decrypted = try held.object.decrypt(MegolmMessage(base64: text))
        call.answer.add(decrypted.plaintext)
        call.answer.add([decrypted.index])
    } catch { throw CallError(error) }
    return 0
}

/// → the session key for somebody who may read from `index` on.
func groupReceiverExport(_ call: inout Call) throws(CallError) -> Int32 {
    guard let key = try receivers[call.first].object.export(at: UInt32(bitPattern: call.second)) else {
        throw CallError(.refused, "messages cannot be read so early")
    }
    call.answer.add(key.base64)
    return 0
}
