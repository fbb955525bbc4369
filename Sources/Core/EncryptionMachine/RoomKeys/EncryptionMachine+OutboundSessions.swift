import CanonicalJSON
import Megolm
import Primitives

extension EncryptionMachine {
    /// The session that messages of a room may still be encrypted with.
    func outboundSession(in room: String, _ record: RoomRecord) throws(MachineError) -> OutboundSessionRecord? {
        let key = OutboundSessionRecord.key(room)
        // One that cannot be read is replaced.
        guard let session = store.find(OutboundSessionRecord.self, key) else { return nil }
        if isWornOut(session, record) {
            retire(session, in: room)
            return nil
        }
        return session
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#mmegolmv1aes-sha2
    func isWornOut(_ session: OutboundSessionRecord, _ room: RoomRecord) -> Bool {
        let age = now() &- session.createdAt
        // A clock that went back says nothing of the age.
        return session.isDiscarded || age < 0 || age >= room.periodMilliseconds
            || Int64(session.messageCount) >= room.periodMessages
            || session.sharesHistory != room.historyVisibility.sharesHistory
    }

    func retire(_ session: OutboundSessionRecord, in room: String) {
        store.removeAll(SharedSessionRecord.self, prefix: SharedSessionRecord.prefix(room, session.sessionID))
        store.remove(OutboundSessionRecord.self, OutboundSessionRecord.key(room))
    }

    func makeOutboundSession(in room: String, _ record: RoomRecord) throws(MachineError) -> OutboundSessionRecord {
        let session = OutboundGroupSession(random: random)
        let made = OutboundSessionRecord(
            pickle: session.pickle(), sessionID: session.sessionID, createdAt: now(),
            sharesHistory: record.historyVisibility.sharesHistory)
        store.write(made, OutboundSessionRecord.key(room))
        _ = keep(
            ReceivedSession(
                room: room, session: InboundGroupSession(session.sessionKey), owner: userID, senderKey: curve25519Key,
                claimedEd25519Key: ed25519Key, origin: .direct, sharesHistory: made.sharesHistory))
        return made
    }

    /// Gives the session to those who lack it, and tells the others why they do not get it, each once.
    func share(
        _ session: OutboundSessionRecord, in room: String, _ sharing: SessionSharing<Records>
    ) throws(MachineError) {
        let key: SessionKey
        let index: UInt32
        do {
            let outbound = try OutboundGroupSession(pickle: session.pickle)
            (key, index) = (outbound.sessionKey, outbound.nextIndex)
        } catch {
            throw MachineError(.damagedRecord, "the room's session cannot be read")
        }
        let content: JSONObject = [
            "algorithm": .string(Algorithm.megolm), "room_id": .string(room), "session_id": .string(session.sessionID),
            "session_key": .string(key.base64), "shared_history": .bool(session.sharesHistory),
        ]
        var messages: [(device: DeviceRecord, content: JSONObject)] = []
        var withheld: [(device: DeviceRecord, code: WithheldCode)] = sharing.excluded
        for device in sharing.missing(session) {
            guard let encrypted = try olmEncrypt("m.room_key", content, for: device) else {
                withheld.append((device, .noOlm))
                continue
            }
            messages.append((device, encrypted))
            store.write(
                SharedSessionRecord(curve25519Key: device.curve25519Key, withheld: nil, index: index),
                SharedSessionRecord.key(room, session.sessionID, device))
        }
        enqueueToDevice("m.room.encrypted", messages, room: room) { devices in
            var context = RecordWriter(version: 1)
            context.write(room)
            context.write(session.sessionID)
            context.write(devices.flatMap { [$0.userID, $0.deviceID] })
            return context.bytes
        }
        tell(withheld, of: session, in: room)
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#reporting-that-decryption-keys-are-withheld
    private func tell(
        _ withheld: [(device: DeviceRecord, code: WithheldCode)], of session: OutboundSessionRecord, in room: String
    ) {
        var messages: [(device: DeviceRecord, content: JSONObject)] = []
        for (device, code) in withheld {
            let key = SharedSessionRecord.key(room, session.sessionID, device)
            if let known = store.find(SharedSessionRecord.self, key), known.withheld == code { continue }
            store.write(
                SharedSessionRecord(curve25519Key: device.curve25519Key, withheld: code, index: 0), key)
            var content: JSONObject = [
                "algorithm": .string(Algorithm.megolm), "code": .string(code.name), "reason": .string(code.reason),
                "sender_key": .string(curve25519Key), "from_device": .string(deviceID),
            ]
            if code == .noOlm {
                let name = DeviceName(user: device.userID, device: device.deviceID)
                var state = olmState(of: name)
                if state.wasToldOfNoOlm { continue }
                state.wasToldOfNoOlm = true
                write(state, of: name)
            } else {
                content["room_id"] = .string(room)
                content["session_id"] = .string(session.sessionID)
            }
            messages.append((device, content))
        }
        // Nobody waits for these.
        enqueueToDevice("m.room_key.withheld", messages)
    }

    /// What the server has refused has reached nobody: it is shared again before the next message.
    func toDeviceWasRefused(_ request: RequestRecord) {
        do {
            var reader = try RecordReader(request.context, version: 1)
            let (room, sessionID, names) = (try reader.string(), try reader.string(), try reader.strings())
            for index in stride(from: 0, to: names.count - 1, by: 2) {
                store.remove(
                    SharedSessionRecord.self, recordKey(room, sessionID, names[index], names[index + 1]))
            }
            changeCount &+= 1
        } catch {}
    }

    /// The content of the `m.room.encrypted` event that carries an event.
    ///
    /// - Parameter content: its `m.relates_to` is put into the cleartext, where the server needs it.
    /// - Throws: ``MachineError/Code/notReady`` when ``prepareToSend(in:members:)`` has to be called (again),
    ///   ``MachineError/Code/roomNotEncrypted``, ``MachineError/Code/malformed`` when the content has numbers that
    ///   canonical JSON does not allow.
    public func encrypt(_ content: JSONObject, type: String, in room: String) throws(MachineError) -> JSONObject {
        guard let record = roomRecord(room), record.isEncrypted else {
            throw MachineError(.roomNotEncrypted, "the room is not encrypted")
        }
        let key = OutboundSessionRecord.key(room)
        guard isStillReady(room), var session = try store.read(OutboundSessionRecord.self, key) else {
            throw MachineError(.notReady, "the room's keys have to be shared first")
        }
        var content = content
        let relation = content["m.relates_to"]
        content["m.relates_to"] = nil
        let payload: JSONObject = ["type": .string(type), "content": .object(content), "room_id": .string(room)]
        let plaintext: [UInt8]
        do { plaintext = try payload.canonicalBytes() } catch {
            throw MachineError(.malformed, "the content is no canonical JSON")
        }
        let message: MegolmMessage
        do {
            var outbound = try OutboundGroupSession(pickle: session.pickle)
            message = try outbound.encrypt(plaintext)
            session.pickle = outbound.pickle()
            session.messageCount = outbound.nextIndex
        } catch {
            // The next preparation makes another.
            discardSession(in: room)
            throw MachineError(.notReady, "the room's session cannot be used any more")
        }
        store.write(session, key)
        var encrypted: JSONObject = [
            "algorithm": .string(Algorithm.megolm), "sender_key": .string(curve25519Key),
            "device_id": .string(deviceID), "session_id": .string(session.sessionID),
            "ciphertext": .string(message.base64),
        ]
        if let relation { encrypted["m.relates_to"] = relation }
        return encrypted
    }
}
