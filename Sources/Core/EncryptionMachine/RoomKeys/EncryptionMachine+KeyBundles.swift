import CanonicalJSON
import Primitives

/// A bundle of room keys that somebody has offered to this user.
///
/// https://spec.matrix.org/v1.19/client-server-api/#receiving-a-key-bundle-event
public struct KeyBundleOffer: Sendable, Equatable {
    public let room: String
    public let sender: String
    /// How far the device that sent the offer was known when it came.
    public let senderTrust: DeviceTrust
    /// `EncryptedFile`: where the bundle is and how it is decrypted.
    public let file: JSONObject
    /// When it came, in milliseconds since 1970.
    public let receivedAt: Int64
}

struct KeyBundleRecord: StoredRecord {
    static var table: RecordTable { .keyBundles }

    let file: [UInt8]
    let senderTrust: DeviceTrust
    let receivedAt: Int64

    static func key(_ room: String, _ sender: String) -> [UInt8] { recordKey(sender, room) }

    init(file: [UInt8], senderTrust: DeviceTrust, receivedAt: Int64) {
        self.file = file
        self.senderTrust = senderTrust
        self.receivedAt = receivedAt
    }

    init(from reader: inout RecordReader) throws(MachineError) {
        file = try reader.byteString()
        senderTrust = DeviceTrust(rawValue: try reader.uint8()) ?? .unknown
        receivedAt = try reader.int64()
    }

    func write(to writer: inout RecordWriter) {
        writer.write(file)
        writer.write(senderTrust.rawValue)
        writer.write(receivedAt)
    }
}

extension EncryptionMachine {
    private static var maximumOffersOfUser: Int { 50 }
    private static var maximumFileBytes: Int { 8_192 }

    /// The `RoomKeyBundle` of a room, as JSON, for somebody who is to be invited: the sessions that may be shared, and
    /// the names of those that may not. Nil when the room's history visibility does not let newcomers see history, or
    /// there is nothing to share. The host encrypts it as an attachment and uploads it.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#construction-and-sharing-of-the-key-bundle
    public func makeKeyBundle(in room: String) -> [UInt8]? {
        guard let record = roomRecord(room), record.isEncrypted, record.historyVisibility.sharesHistory else {
            return nil
        }
        var keys: [JSONValue] = []
        var withheld: [JSONValue] = []
        var lastID = ""
        var isLastShared = false
        for (key, record) in store.findAll(InboundSessionRecord.self, prefix: InboundSessionRecord.prefix(room)) {
            let parts = recordKeyParts(key)
            guard parts.count == 3 else { continue }
            // Records of one session stand together: it is shared once, or withheld once.
            if utf8Equal(parts[1], lastID), isLastShared || !record.sharesHistory { continue }
            if utf8Equal(parts[1], lastID) { withheld.removeLast() }
            lastID = parts[1]
            isLastShared = record.sharesHistory
            if record.sharesHistory, var session = exported(record, sessionID: parts[1], in: room) {
                session["shared_history"] = nil
                session["forwarding_curve25519_key_chain"] = nil
                keys.append(.object(session))
            } else {
                isLastShared = false
                withheld.append([
                    "algorithm": .string(Algorithm.megolm), "code": .string(WithheldCode.historyNotShared.name),
                    "reason": .string(WithheldCode.historyNotShared.reason), "room_id": .string(room),
                    "sender_key": .string(record.senderKey), "session_id": .string(parts[1]),
                ])
            }
        }
        guard !keys.isEmpty else { return nil }
        return JSONObject(members: [("room_keys", .array(keys)), ("withheld", .array(withheld))]).bytes()
    }

    /// Offers the uploaded bundle to the user's cross-signed devices. Called again until it says ``Readiness/ready``,
    /// which also comes when the user has no such device; then the host invites the user.
    ///
    /// - Parameter file: `EncryptedFile`.
    public func shareKeyBundle(
        _ file: JSONObject, in room: String, with user: String
    ) throws(MachineError) -> Readiness {
        let saved = store.pending
        do throws(MachineError) {
            track([user])
            makeDueRequests()
            if let tracked = store.find(TrackedUserRecord.self, TrackedUserRecord.key(user)), tracked.isOutdated,
                tracked.retryAt <= now()
            {
                return .waiting(for: work.numbers(of: .queryKeys).map { OutgoingRequest.ID($0) })
            }
            guard !isBlocked(user) else { return .blocked(.identitiesChanged(users: [user])) }
            let devices = deviceRecords(of: user).filter { trust(of: $0) >= .crossSigned }
            let claimable = devices.filter { !hasOlmSession(with: $0) && mayClaim($0) }
            if !claimable.isEmpty {
                for device in claimable { wantSession(with: device) }
                makeDueRequests()
                return .waiting(for: work.numbers(of: .claimKeys).map { OutgoingRequest.ID($0) })
            }
            return try offer(file, in: room, to: user, devices)
        } catch {
            forgetChanges(since: saved)
            throw error
        }
    }

    private func offer(
        _ file: JSONObject, in room: String, to user: String, _ devices: [DeviceRecord]
    ) throws(MachineError) -> Readiness {
        // The offer of this very file is noted until the server has it.
        let mark = recordKey("offer", room, user)
        let hash = SHA256.hash(file.bytes())
        // The room's name here only says who waits for the request.
        let waiting = room + " " + user
        if store.value(in: .keyBundles, key: mark) != hash {
            let content: JSONObject = ["room_id": .string(room), "file": .object(file)]
            var messages: [(device: DeviceRecord, content: JSONObject)] = []
            for device in devices {
                if let encrypted = try olmEncrypt("m.room_key_bundle", content, for: device) {
                    messages.append((device, encrypted))
                }
            }
            store.set(hash, in: .keyBundles, key: mark)
            enqueueToDevice("m.room.encrypted", messages, room: waiting)
        }
        let pending = work.numbers(for: waiting)
        guard pending.isEmpty else { return .waiting(for: pending.map { OutgoingRequest.ID($0) }) }
        store.set(nil, in: .keyBundles, key: mark)
        return .ready
    }

    /// The latest bundle that a user has offered for a room. The host downloads it only when this user has accepted an
    /// invite from `user` recently (a day); an offer survives restarts.
    public func keyBundle(in room: String, from user: String) -> KeyBundleOffer? {
        guard let record = store.find(KeyBundleRecord.self, KeyBundleRecord.key(room, user)),
            let file = JSONObject.parse(record.file)
        else { return nil }
        return KeyBundleOffer(
            room: room, sender: user, senderTrust: record.senderTrust, file: file, receivedAt: record.receivedAt)
    }

    /// Takes in the sessions of a decrypted bundle for the room it was offered for, and forgets the offer.
    ///
    /// - Throws: ``MachineError/Code/malformed``, ``MachineError/Code/unknown`` when there was no such offer.
    public func importKeyBundle(
        _ bundle: [UInt8], in room: String, from user: String
    ) throws(MachineError) -> [MachineNews] {
        guard keyBundle(in: room, from: user) != nil else {
            throw MachineError(.unknown, "nobody has offered such a bundle")
        }
        guard let json = JSONObject.parse(bundle), let keys = json["room_keys"]?.arrayValue else {
            throw MachineError(.malformed, "the bundle has no 'room_keys'")
        }
        let sessions = keys.compactMap { value -> ReceivedSession? in
            guard let object = value.objectValue, let inner = object.string("room_id"), utf8Equal(inner, room) else {
                return nil
            }
            return ReceivedSession(object, origin: .bundle(from: user), sharesHistory: true)
        }
        discardKeyBundle(in: room, from: user)
        var news = take(sessions)
        for value in json["withheld"]?.arrayValue ?? [] {
            guard let object = value.objectValue, let inner = object.string("room_id"), utf8Equal(inner, room) else {
                continue
            }
            news += receiveWithheld(object, from: user)
        }
        makeDueRequests()
        return news
    }

    /// Forgets an offer whose file cannot be had any more.
    public func discardKeyBundle(in room: String, from user: String) {
        store.remove(KeyBundleRecord.self, KeyBundleRecord.key(room, user))
    }

    /// Only from a device that its owner has signed, which the event itself must show.
    func receiveKeyBundle(_ event: OlmEvent, from device: DeviceRecord) -> [MachineNews] {
        guard event.payload.object("sender_device_keys") != nil, let room = event.content.string("room_id"),
            isIdentifier(room), let file = event.content.object("file")
        else { return [] }
        let bytes = file.bytes()
        let key = KeyBundleRecord.key(room, event.sender)
        guard bytes.count <= Self.maximumFileBytes,
            store.value(in: .keyBundles, key: key) != nil
                || store.all(in: .keyBundles, prefix: recordKey(event.sender)).count < Self.maximumOffersOfUser
        else { return [] }
        store.write(KeyBundleRecord(file: bytes, senderTrust: trust(of: device), receivedAt: now()), key)
        return [.keyBundleOffered(room: room, from: event.sender)]
    }
}
