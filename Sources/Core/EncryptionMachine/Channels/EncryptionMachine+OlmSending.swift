import CanonicalJSON
import Olm
import Primitives

/// Bounds of what others can make the machine keep for to-device messages.
enum ChannelBounds {
    /// Olm sessions with one device; the one that was longest without a message goes first. The specification asks for
    /// at least 4.
    static let sessionsOfDevice = 8
    /// Messages that wait for a session with one device.
    static let waitingForDevice = 100
    /// Devices of one user, known or not, with which there may be sessions.
    static let peersOfUser: UInt64 = 2_000
    /// Messages of one user's unknown devices that wait for the user's list.
    static let heldOfUser = 50
    /// Messages of unknown devices in all.
    static let heldInAll = 1_000
    /// Receivers in one request.
    static let devicesInRequest = 40
    static let devicesInClaim = 200
    /// At most one new session an hour replaces a broken one.
    static let replaceMilliseconds: Int64 = 3_600_000
}

extension EncryptionMachine {
    /// Sends an event through Olm, as soon as there is a session with the device.
    ///
    /// - Returns: false when too many wait for it already.
    @discardableResult
    func sendEncrypted(_ type: String, _ content: JSONObject, to device: DeviceRecord) throws(MachineError) -> Bool {
        if let encrypted = try olmEncrypt(type, content, for: device) {
            enqueueToDevice("m.room.encrypted", [(device, encrypted)])
            return true
        }
        let name = DeviceName(user: device.userID, device: device.deviceID)
        guard
            store.all(in: .waitingMessages, prefix: WaitingMessageRecord.prefix(name)).count
                < ChannelBounds.waitingForDevice
        else { return false }
        store.write(
            WaitingMessageRecord(type: type, content: content.bytes()), WaitingMessageRecord.key(name, nextNumber()))
        wantSession(with: device)
        return true
    }

    /// The content of an `m.room.encrypted` for one device; nil when there is no session with it.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#molmv1curve25519-aes-sha2
    func olmEncrypt(
        _ type: String, _ content: JSONObject, for device: DeviceRecord
    ) throws(MachineError) -> JSONObject? {
        guard var (record, session) = bestOlmSession(with: device.curve25519Key) else { return nil }
        let payload: JSONObject = [
            "type": .string(type), "content": .object(content), "sender": .string(userID),
            "recipient": .string(device.userID), "recipient_keys": ["ed25519": .string(device.ed25519Key)],
            "keys": ["ed25519": .string(ed25519Key)], "sender_device_keys": .object(ownDeviceKeys),
        ]
        let message: OlmMessage
        do {
            message = try session.encrypt(payload.bytes(), random: random)
        } catch {
            throw MachineError(.malformed, "a device's ratchet key is none")
        }
        record.pickle = session.pickle()
        store.write(record, OlmSessionRecord.key(device.curve25519Key, record.sessionID))
        let ciphertext: JSONObject = ["type": .integer(Int64(message.type)), "body": .string(message.body)]
        return [
            "algorithm": .string(Algorithm.olm), "sender_key": .string(curve25519Key),
            "ciphertext": .object(JSONObject(members: [(device.curve25519Key, .object(ciphertext))])),
        ]
    }

    func hasOlmSession(with device: DeviceRecord) -> Bool {
        bestOlmSession(with: device.curve25519Key) != nil
    }

    /// The one that a message was last received with; of two of the same moment, the one that comes first by name, so
    /// that both sides tend to the same.
    private func bestOlmSession(with curve25519Key: String) -> (OlmSessionRecord, Olm.Session)? {
        let sessions = olmSessions(with: curve25519Key).sorted {
            $0.lastUsedAt == $1.lastUsedAt ? utf8Precedes($0.sessionID, $1.sessionID) : $0.lastUsedAt > $1.lastUsedAt
        }
        for record in sessions {
            do { return (record, try Olm.Session(pickle: record.pickle)) } catch {}
        }
        return nil
    }

    func olmSessions(with curve25519Key: String) -> [OlmSessionRecord] {
        store.findAll(OlmSessionRecord.self, prefix: OlmSessionRecord.prefix(curve25519Key)).map { $0.record }
    }

    /// The time, or a little later, so that of all sessions with the device this one is the last used.
    func nextUse(with curve25519Key: String) -> Int64 {
        var time = now()
        for session in olmSessions(with: curve25519Key) { time = max(time, session.lastUsedAt &+ 1) }
        return time
    }

    /// Keeps a new session, and drops the stalest when there are too many with the device.
    func keep(_ session: Olm.Session, with curve25519Key: String) {
        let record = OlmSessionRecord(
            sessionID: session.sessionID, pickle: session.pickle(), lastUsedAt: nextUse(with: curve25519Key))
        store.write(record, OlmSessionRecord.key(curve25519Key, record.sessionID))
        let others = olmSessions(with: curve25519Key).filter { !utf8Equal($0.sessionID, record.sessionID) }
            .sorted { $0.lastUsedAt > $1.lastUsedAt }
        for stale in others.dropFirst(ChannelBounds.sessionsOfDevice - 1) {
            store.remove(OlmSessionRecord.self, OlmSessionRecord.key(curve25519Key, stale.sessionID))
        }
    }

    /// Makes requests of at most ``ChannelBounds/devicesInRequest`` receivers each.
    func enqueueToDevice(
        _ type: String, _ messages: [(device: DeviceRecord, content: JSONObject)], room: String? = nil,
        context: ([DeviceRecord]) -> [UInt8] = { _ in [] }
    ) {
        var start = 0
        while start < messages.count {
            let batch = messages[start..<min(messages.count, start + ChannelBounds.devicesInRequest)]
            start += batch.count
            var users = JSONObject()
            for (device, content) in batch {
                var devices = users.object(device.userID) ?? JSONObject()
                devices[device.deviceID] = .object(content)
                users[device.userID] = .object(devices)
            }
            enqueue(
                RequestRecord(
                    kind: .sendToDevice, method: .put,
                    path: "/_matrix/client/v3/sendToDevice/" + percentEncoded(type) + "/" + transactionID(),
                    body: JSONObject(members: [("messages", .object(users))]).bytes(), room: room,
                    context: context(batch.map { $0.device })))
        }
    }
}
