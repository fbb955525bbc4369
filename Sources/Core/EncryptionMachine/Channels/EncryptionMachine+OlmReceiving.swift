import CanonicalJSON
import Olm
import Primitives

/// A to-device event that was decrypted, and what it says of its sender.
struct OlmEvent {
    let sender: String
    let senderKey: String
    let type: String
    let content: JSONObject
    let payload: JSONObject
    /// `keys.ed25519`: whoever wrote the payload claims it.
    let claimedEd25519Key: String
}

/// Why a to-device event was not decrypted.
enum OlmReceivingError: Error {
    /// Not for this device, or not in the specification's form.
    case ignored
    /// Seen before.
    case duplicate
    /// The session is broken.
    case undecryptable(senderKey: String)
    /// Decrypted, and what it says of itself is not true.
    case refused
}

extension EncryptionMachine {
    private static var maximumBodyBytes: Int { 262_144 }

    /// Decrypts an `m.room.encrypted` to-device event. The ratchet moves only when the event is what it says to be.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#molmv1curve25519-aes-sha2
    func olmDecrypt(_ content: JSONObject, from sender: String) throws(OlmReceivingError) -> OlmEvent {
        guard let algorithm = content.string("algorithm"), utf8Equal(algorithm, Algorithm.olm),
            let senderKey = content.string("sender_key"), let key = Curve25519Key(base64: senderKey),
            utf8Equal(key.base64, senderKey), !utf8Equal(senderKey, curve25519Key),
            let ciphertext = content.object("ciphertext")?.object(curve25519Key),
            let type = ciphertext["type"]?.integerValue, (0...1).contains(type),
            let body = ciphertext.string("body"), body.utf8.count <= Self.maximumBodyBytes
        else { throw .ignored }
        let message: OlmMessage
        do { message = try OlmMessage(type: Int(type), body: body) } catch { throw .ignored }

        for record in olmSessions(with: senderKey).sorted(by: { $0.lastUsedAt > $1.lastUsedAt }) {
            if case .preKey(let preKey) = message, !utf8Equal(preKey.sessionID, record.sessionID) { continue }
            var session: Olm.Session
            do { session = try Olm.Session(pickle: record.pickle) } catch { continue }
            let plaintext: [UInt8]
            do { plaintext = try session.decrypt(message) } catch {
                if error == .missingMessageKey { throw .duplicate }
                continue
            }
            let event = try check(plaintext, senderKey: senderKey, sender: sender)
            let changed = OlmSessionRecord(
                sessionID: record.sessionID, pickle: session.pickle(), lastUsedAt: max(now(), record.lastUsedAt))
            store.write(changed, OlmSessionRecord.key(senderKey, record.sessionID))
            return event
        }
        guard case .preKey(let preKey) = message, var account = loadedAccount() else {
            throw .undecryptable(senderKey: senderKey)
        }
        guard !olmSessions(with: senderKey).contains(where: { utf8Equal($0.sessionID, preKey.sessionID) }) else {
            throw .undecryptable(senderKey: senderKey)
        }
        let made: (session: Olm.Session, plaintext: [UInt8])
        do { made = try account.keys.makeInboundSession(from: key, preKey) } catch {
            throw .undecryptable(senderKey: senderKey)
        }
        let event = try check(made.plaintext, senderKey: senderKey, sender: sender)
        guard mayHaveSession(with: senderKey, of: sender) else { throw .refused }
        keep(made.session, with: senderKey)
        save(account)
        return event
    }

    /// A user cannot make the machine keep sessions with any number of devices.
    private func mayHaveSession(with curve25519Key: String, of user: String) -> Bool {
        guard olmSessions(with: curve25519Key).isEmpty else { return true }
        let key = recordKey("peers", user)
        guard count(key) < ChannelBounds.peersOfUser else { return false }
        count(up: key)
        return true
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#validation-of-incoming-decrypted-events
    private func check(
        _ plaintext: [UInt8], senderKey: String, sender: String
    ) throws(OlmReceivingError) -> OlmEvent {
        guard let payload = JSONObject.parse(plaintext), let type = payload.string("type"),
            let content = payload.object("content"), let claimedSender = payload.string("sender"),
            utf8Equal(claimedSender, sender), let recipient = payload.string("recipient"),
            utf8Equal(recipient, userID), let recipientKey = payload.object("recipient_keys")?.string("ed25519"),
            utf8Equal(recipientKey, ed25519Key), let claimed = payload.object("keys")?.string("ed25519"),
            let claimedKey = Ed25519Key(base64: claimed)
        else { throw .refused }
        if let json = payload["sender_device_keys"], !json.isNull {
            guard let object = json.objectValue, let keys = SignedDeviceKeys(object, userID: sender),
                utf8Equal(keys.curve25519Key.base64, senderKey), keys.ed25519Key == claimedKey
            else { throw .refused }
        }
        if let device = deviceRecord(curve25519Key: senderKey, of: sender) {
            guard utf8Equal(device.ed25519Key, claimedKey.base64) else { throw .refused }
        }
        return OlmEvent(
            sender: sender, senderKey: senderKey, type: type, content: content, payload: payload,
            claimedEd25519Key: claimedKey.base64)
    }

    /// The device that an event comes from: the one in the user's list, else the one that the event itself brings,
    /// signed. Nil when neither is there.
    func senderDevice(of event: OlmEvent) -> DeviceRecord? {
        if let device = deviceRecord(curve25519Key: event.senderKey, of: event.sender) { return device }
        guard let json = event.payload.object("sender_device_keys"), let name = json.string("device_id"),
            // A device of that name with other keys is in the list: the list was first.
            deviceRecord(name, of: event.sender).map(\.isDeleted) ?? true,
            var device = DeviceRecord(json: json, userID: event.sender, deviceID: name)
        else { return nil }
        device.signer = validSigner(of: device)
        return device
    }

    /// Makes a new session in place of one that does not work, at most once an hour for a device.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#recovering-from-undecryptable-messages
    func replaceBrokenSession(with device: DeviceRecord) {
        let name = DeviceName(user: device.userID, device: device.deviceID)
        var state = olmState(of: name)
        let age = now() &- state.replacedAt
        guard state.replacedAt == 0 || age < 0 || age >= ChannelBounds.replaceMilliseconds,
            store.all(in: .waitingMessages, prefix: WaitingMessageRecord.prefix(name)).count
                < ChannelBounds.waitingForDevice
        else { return }
        state.replacedAt = max(1, now())
        state.isSessionWanted = true
        write(state, of: name)
        store.write(
            WaitingMessageRecord(type: "m.dummy", content: JSONObject().bytes()),
            WaitingMessageRecord.key(name, nextNumber()))
    }
}
