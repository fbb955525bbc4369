import CanonicalJSON
import Megolm
import Primitives

extension EncryptionMachine {
    /// Tells the machine what a sync said. To-device events are decrypted here, once.
    public func receiveSync(_ changes: SyncChanges) -> [MachineNews] {
        // First, so that whoever sends a key from a new device is asked for his list before the key is judged.
        markOutdated(changes.changedDeviceLists)
        stopTracking(changes.leftDeviceLists.filter { !contains(changes.changedDeviceLists, $0) })
        var news: [MachineNews] = []
        for event in changes.toDevice { news += receiveToDevice(event) }
        news += expireVerifications()
        receiveKeyCounts(changes.oneTimeKeyCounts, unusedFallbackKeyTypes: changes.unusedFallbackKeyTypes)
        makeDueRequests()
        return news
    }

    private func receiveToDevice(_ event: JSONValue) -> [MachineNews] {
        guard let event = event.objectValue, let sender = event.string("sender"), isIdentifier(sender),
            let type = event.string("type"), let content = event.object("content")
        else { return [] }
        let saved = store.pending
        do throws(MachineError) {
            if utf8Equal(type, "m.room.encrypted") { return try receiveEncrypted(content, from: sender) }
            return try receivePlain(type, content, from: sender)
        } catch {
            // The record of a session or the like is damaged; the event is lost, and nothing else.
            forgetChanges(since: saved)
            return []
        }
    }

    private func receivePlain(
        _ type: String, _ content: JSONObject, from sender: String
    ) throws(MachineError) -> [MachineNews] {
        if utf8Equal(type, "m.room_key_request") {
            try receiveKeyRequest(content, from: sender)
            return []
        }
        if utf8Equal(type, "m.room_key.withheld") || utf8Equal(type, "org.matrix.room_key.withheld") {
            return receiveWithheld(content, from: sender)
        }
        if utf8Equal(type, "m.secret.request") {
            try receiveSecretRequest(content, from: sender)
            return []
        }
        if isVerification(type) { return receiveVerification(type, content, from: sender, device: nil) }
        // These are never sent in the clear.
        for secret in ["m.room_key", "m.forwarded_room_key", "m.room_key_bundle", "m.secret.send", "m.dummy"]
        where utf8Equal(type, secret) { return [] }
        return [.plainToDevice(sender: sender, type: type, content: content)]
    }

    private func receiveEncrypted(_ content: JSONObject, from sender: String) throws(MachineError) -> [MachineNews] {
        let event: OlmEvent
        do {
            event = try olmDecrypt(content, from: sender)
        } catch {
            guard case .undecryptable(let senderKey) = error else { return [] }
            if let device = deviceRecord(curve25519Key: senderKey, of: sender), !device.isDeleted {
                replaceBrokenSession(with: device)
            }
            return [.undecryptableToDevice(sender: sender)]
        }
        // Whoever sends keys is somebody whose devices matter.
        track([sender])
        guard let device = senderDevice(of: event) else {
            hold(event)
            return []
        }
        return try receive(event, from: device)
    }

    private func receive(_ event: OlmEvent, from device: DeviceRecord) throws(MachineError) -> [MachineNews] {
        if utf8Equal(event.type, "m.room_key") { return receiveRoomKey(event) }
        if utf8Equal(event.type, "m.forwarded_room_key") { return receiveForwardedKey(event.content, from: device) }
        if utf8Equal(event.type, "m.room_key_bundle") { return receiveKeyBundle(event, from: device) }
        if utf8Equal(event.type, "m.dummy") { return [] }
        if utf8Equal(event.type, "m.secret.send") { return try receiveSecret(event.content, from: device) }
        if isVerification(event.type) {
            return receiveVerification(event.type, event.content, from: event.sender, device: device.deviceID)
        }
        return [
            .toDevice(
                DecryptedToDeviceEvent(
                    sender: event.sender, senderDevice: device.deviceID, senderKey: event.senderKey,
                    senderTrust: trust(of: device), type: event.type, content: event.content))
        ]
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#mroom_key
    private func receiveRoomKey(_ event: OlmEvent) -> [MachineNews] {
        let content = event.content
        guard let algorithm = content.string("algorithm"), utf8Equal(algorithm, Algorithm.megolm),
            let room = content.string("room_id"), isIdentifier(room), let sessionID = content.string("session_id"),
            let text = content.string("session_key")
        else { return [] }
        let key: SessionKey
        do { key = try SessionKey(base64: text) } catch { return [] }
        guard utf8Equal(key.sessionID, sessionID) else { return [] }
        return take([
            ReceivedSession(
                room: room, session: InboundGroupSession(key), owner: event.sender, senderKey: event.senderKey,
                claimedEd25519Key: event.claimedEd25519Key, origin: .direct,
                sharesHistory: content["shared_history"]?.boolValue ?? false)
        ])
    }

    // MARK: Messages of devices that are not known

    /// Keeps an event until the user's list of devices is there.
    private func hold(_ event: OlmEvent) {
        guard
            store.all(in: .waitingMessages, prefix: HeldMessageRecord.prefix(event.sender)).count
                < ChannelBounds.heldOfUser,
            store.all(in: .waitingMessages, prefix: HeldMessageRecord.prefix).count < ChannelBounds.heldInAll
        else { return }
        store.write(
            HeldMessageRecord(
                senderKey: event.senderKey, claimedEd25519Key: event.claimedEd25519Key, payload: event.payload.bytes()),
            HeldMessageRecord.key(event.sender, nextNumber()))
        track([event.sender])
        markOutdated([event.sender])
    }

    /// Looks again at the events of users whose lists have come. What is from a device that is in no list is dropped:
    /// nobody can say whose it is.
    func readHeldMessages(of users: [String]) throws(MachineError) -> [MachineNews] {
        var news: [MachineNews] = []
        for user in users {
            for (key, held) in store.findAll(HeldMessageRecord.self, prefix: HeldMessageRecord.prefix(user)) {
                // A change may have been told after the list was asked for.
                guard let device = deviceRecord(curve25519Key: held.senderKey, of: user) else {
                    if isUpToDate(user) { store.remove(HeldMessageRecord.self, key) }
                    continue
                }
                store.remove(HeldMessageRecord.self, key)
                guard utf8Equal(device.ed25519Key, held.claimedEd25519Key),
                    let payload = JSONObject.parse(held.payload), let type = payload.string("type"),
                    let content = payload.object("content")
                else { continue }
                news += try receive(
                    OlmEvent(
                        sender: user, senderKey: held.senderKey, type: type, content: content, payload: payload,
                        claimedEd25519Key: held.claimedEd25519Key), from: device)
            }
        }
        return news
    }
}
