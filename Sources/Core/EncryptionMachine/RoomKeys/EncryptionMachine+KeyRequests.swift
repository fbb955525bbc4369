import CanonicalJSON
import Megolm
import Primitives

/// https://spec.matrix.org/v1.19/client-server-api/#key-requests
extension EncryptionMachine {
    private static var missingCount: [UInt8] { recordKey("missing") }
    private static var requestCount: [UInt8] { recordKey("requested") }

    /// Asks the own user's other verified devices for a session. ``decrypt(_:in:)`` does so itself.
    ///
    /// - Returns: false when there is nobody to ask, or it has been asked for already, or too many are.
    @discardableResult
    public func requestSession(_ sessionID: String, in room: String) -> Bool {
        let key = MissingSessionRecord.key(room, sessionID)
        let known = store.find(MissingSessionRecord.self, key)
        guard isIdentifier(sessionID), isIdentifier(room), known?.requestID == nil else { return false }
        let devices = otherOwnDevices.filter { trust(of: $0) == .verified }
        guard !devices.isEmpty, count(Self.requestCount) < SessionBounds.requestedSessions else { return false }
        var record = known ?? MissingSessionRecord()
        let requestID = transactionID()
        record.requestID = requestID
        record.requestedAt = now()
        write(record, key, isNew: known == nil)
        count(up: Self.requestCount)
        let content: JSONObject = [
            "action": "request", "request_id": .string(requestID), "requesting_device_id": .string(deviceID),
            "body": [
                "algorithm": .string(Algorithm.megolm), "room_id": .string(room), "session_id": .string(sessionID),
            ],
        ]
        enqueueToDevice("m.room_key_request", devices.map { ($0, content) })
        return true
    }

    private func write(_ record: MissingSessionRecord, _ key: [UInt8], isNew: Bool) {
        if isNew { count(up: Self.missingCount) }
        store.write(record, key)
    }

    /// The session has come: nobody needs to answer any more.
    func noteArrival(_ sessionID: String, in room: String, firstKnownIndex: UInt32) {
        let key = MissingSessionRecord.key(room, sessionID)
        guard let record = store.find(MissingSessionRecord.self, key) else { return }
        if let requestID = record.requestID {
            count(down: Self.requestCount)
            let devices = otherOwnDevices.filter { trust(of: $0) == .verified }
            let content: JSONObject = [
                "action": "request_cancellation", "request_id": .string(requestID),
                "requesting_device_id": .string(deviceID),
            ]
            enqueueToDevice("m.room_key_request", devices.map { ($0, content) })
        }
        // Why the beginning is missing stays known.
        if firstKnownIndex > 0, record.withheld != nil {
            var rest = record
            rest.requestID = nil
            store.write(rest, key)
        } else {
            store.remove(MissingSessionRecord.self, key)
            count(down: Self.missingCount)
        }
    }

    /// Answers a request of an own verified device; others get nothing, not even an answer.
    func receiveKeyRequest(_ content: JSONObject, from sender: String) throws(MachineError) {
        guard utf8Equal(sender, userID), let action = content.string("action"), utf8Equal(action, "request"),
            let name = content.string("requesting_device_id"), !utf8Equal(name, deviceID),
            let device = deviceRecord(name, of: userID), !device.isDeleted, trust(of: device) == .verified,
            let body = content.object("body"), let algorithm = body.string("algorithm"),
            utf8Equal(algorithm, Algorithm.megolm), let room = body.string("room_id"),
            let sessionID = body.string("session_id"), isIdentifier(room), isIdentifier(sessionID)
        else { return }
        let found = store.findAll(
            InboundSessionRecord.self, prefix: InboundSessionRecord.prefix(room, sessionID)
        ).map(\.record)
        // One that was proven goes before one that was passed on, then the one that reads more.
        let best = found.min {
            $0.origin.isAuthentic == $1.origin.isAuthentic
                ? $0.firstKnownIndex < $1.firstKnownIndex : $0.origin.isAuthentic
        }
        guard let best, var forwarded = exported(best, sessionID: sessionID, in: room) else { return }
        forwarded["sender_claimed_ed25519_key"] = .string(best.claimedEd25519Key)
        forwarded["sender_claimed_keys"] = nil
        var chain = best.forwardingChain
        if case .forwarded(let by) = best.origin, let through = deviceRecord(by, of: userID) {
            chain.append(through.curve25519Key)
        }
        forwarded["forwarding_curve25519_key_chain"] = .array(chain.map { .string($0) })
        if let code = withheldCode(sessionID, in: room), best.firstKnownIndex > 0 {
            forwarded["withheld"] = ["code": .string(code.name), "reason": .string(code.reason)]
        }
        try sendEncrypted("m.forwarded_room_key", forwarded, to: device)
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#mforwarded_room_key
    func receiveForwardedKey(_ content: JSONObject, from device: DeviceRecord) -> [MachineNews] {
        guard utf8Equal(device.userID, userID), trust(of: device) == .verified,
            let algorithm = content.string("algorithm"), utf8Equal(algorithm, Algorithm.megolm),
            let room = content.string("room_id"), let sessionID = content.string("session_id"), isIdentifier(sessionID),
            let asked = store.find(MissingSessionRecord.self, MissingSessionRecord.key(room, sessionID)),
            asked.requestID != nil, let senderKey = content.string("sender_key"),
            let claimed = content.string("sender_claimed_ed25519_key"),
            let received = ReceivedSession(
                room: room, sessionID: sessionID, key: content.string("session_key"), senderKey: senderKey,
                claimedEd25519Key: claimed, origin: .forwarded(byDevice: device.deviceID),
                sharesHistory: content["shared_history"]?.boolValue ?? false,
                forwardingChain: content["forwarding_curve25519_key_chain"]?.arrayValue)
        else { return [] }
        return take([received])
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#mroom_keywithheld
    func receiveWithheld(_ content: JSONObject, from sender: String) -> [MachineNews] {
        guard let algorithm = content.string("algorithm"), utf8Equal(algorithm, Algorithm.megolm),
            let name = content.string("code")
        else { return [] }
        let code = WithheldCode(name: name)
        if code == .noOlm {
            // Somebody could not reach this device: a new session is offered, as after a broken one.
            if let senderKey = content.string("sender_key"),
                let device = deviceRecord(curve25519Key: senderKey, of: sender), !device.isDeleted
            {
                replaceBrokenSession(with: device)
            }
            return []
        }
        guard let room = content.string("room_id"), isIdentifier(room), let sessionID = content.string("session_id"),
            isIdentifier(sessionID)
        else { return [] }
        let key = MissingSessionRecord.key(room, sessionID)
        let known = store.find(MissingSessionRecord.self, key)
        guard known != nil || count(Self.missingCount) < SessionBounds.missingSessions else { return [] }
        var record = known ?? MissingSessionRecord()
        record.withheld = code
        write(record, key, isNew: known == nil)
        return [.sessionWithheld(room: room, sessionID: sessionID, code)]
    }
}
