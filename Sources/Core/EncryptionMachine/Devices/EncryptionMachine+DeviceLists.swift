import CanonicalJSON
import Primitives

/// Bounds of what a server can make the machine keep of a user.
enum DeviceListBounds {
    /// Devices of a user, deleted ones too; beyond them, those in the server's list are ignored.
    static let devicesOfUser = 1_000
    static let usersInQuery = 250
    /// Users of whom a server may make the machine keep track.
    static let trackedUsers = 200_000
}

extension EncryptionMachine {
    /// Begins to track the devices of users, such as all members of encrypted rooms. Those that are tracked already
    /// cost nothing.
    public func trackUsers(_ users: [String]) {
        track(users)
        makeDueRequests()
    }

    func track(_ users: [String]) {
        for user in users where isIdentifier(user) {
            let key = TrackedUserRecord.key(user)
            guard store.value(in: .trackedUsers, key: key) == nil else { continue }
            write(TrackedUserRecord(outdatedSince: nextNumber()), of: user)
        }
    }

    /// Asks the server again for the devices of users, such as before a verification.
    public func refreshDevices(of users: [String]) {
        track(users)
        markOutdated(users)
        makeDueRequests()
    }

    /// Asks again for the devices of all users who are tracked: when changes may have been missed, because the sync
    /// began anew without its token.
    public func refreshAllDevices() {
        var users: [String] = []
        for (key, _) in store.all(in: .trackedUsers) {
            if let user = recordKeyParts(key).first { users.append(user) }
        }
        markOutdated(users)
        makeDueRequests()
    }

    /// Whether the user's devices are tracked and the list is that of the server's last word.
    public func isUpToDate(_ user: String) -> Bool {
        store.find(TrackedUserRecord.self, TrackedUserRecord.key(user)).map { !$0.isOutdated } ?? false
    }

    /// Those that are not tracked are left alone.
    func markOutdated(_ users: [String]) {
        for user in users {
            guard var record = store.find(TrackedUserRecord.self, TrackedUserRecord.key(user)) else { continue }
            record.outdatedSince = nextNumber()
            record.retryAt = 0
            write(record, of: user)
        }
    }

    func stopTracking(_ users: [String]) {
        for user in users where !utf8Equal(user, userID) {
            store.remove(TrackedUserRecord.self, TrackedUserRecord.key(user))
            work.note(user, isOutdated: false)
            changeCount &+= 1
        }
    }

    func write(_ record: TrackedUserRecord, of user: String) {
        store.write(record, TrackedUserRecord.key(user))
        work.note(user, isOutdated: record.isOutdated)
        changeCount &+= 1
    }

    /// One query at a time, so that no answer can overtake another.
    func makeKeysQuery() {
        guard !work.outdatedUsers.isEmpty, !work.has(.queryKeys) else { return }
        let time = now()
        var users: [String] = []
        for (key, user) in work.outdatedUsers.sorted(by: { precedes($0.key, $1.key) }) {
            guard users.count < DeviceListBounds.usersInQuery else { break }
            guard let record = store.find(TrackedUserRecord.self, key), record.retryAt <= time else { continue }
            users.append(user)
        }
        guard !users.isEmpty else { return }
        var wanted = JSONObject()
        for user in users { wanted[user] = [] }
        var context = RecordWriter(version: 1)
        context.write(nextNumber())
        context.write(users)
        enqueue(
            RequestRecord(
                kind: .queryKeys, method: .post, path: "/_matrix/client/v3/keys/query",
                body: JSONObject(members: [("device_keys", .object(wanted))]).bytes(), context: context.bytes))
    }

    private func queried(_ request: RequestRecord) throws(MachineError) -> (number: UInt64, users: [String]) {
        var reader = try RecordReader(request.context, version: 1)
        return (try reader.uint64(), try reader.strings())
    }

    func keysQueryFailed(_ request: RequestRecord) {
        do { for user in try queried(request).users { noteFailedQuery(of: user) } } catch {}
    }

    private func noteFailedQuery(of user: String) {
        guard var record = store.find(TrackedUserRecord.self, TrackedUserRecord.key(user)) else { return }
        record.fail(at: now())
        write(record, of: user)
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysquery
    func receiveKeysQuery(_ answer: JSONObject, to request: RequestRecord) throws(MachineError) -> [MachineNews] {
        guard let devices = answer.object("device_keys") else {
            throw MachineError(.malformed, "the answer has no 'device_keys'")
        }
        let (number, users) = try queried(request)
        let failures = answer.object("failures") ?? JSONObject()
        var news: [MachineNews] = []
        // The own identity decides which signatures of others' identities count.
        let ordered = users.filter { utf8Equal($0, userID) } + users.filter { !utf8Equal($0, userID) }
        for user in ordered {
            guard var record = store.find(TrackedUserRecord.self, TrackedUserRecord.key(user)) else { continue }
            if devices[user] == nil, let server = serverName(of: user), failures[server] != nil {
                noteFailedQuery(of: user)
                continue
            }
            news += try receiveIdentity(of: user, from: answer)
            news += receiveDevices(devices.object(user) ?? JSONObject(), of: user, isFirst: !record.wasAnswered)
            record.wasAnswered = true
            record.failures = 0
            // A change that was told after the query was made is not in its answer for certain.
            if record.outdatedSince < number { record.outdatedSince = 0 }
            write(record, of: user)
        }
        news += try readHeldMessages(of: users)
        news += readHeldVerifications(of: users)
        news += reviewOwnSecrets(after: users)
        return news
    }

    private func serverName(of user: String) -> String? {
        guard let colon = user.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        return String(decoding: user.utf8[user.utf8.index(after: colon)...], as: UTF8.self)
    }

    private func receiveDevices(_ list: JSONObject, of user: String, isFirst: Bool) -> [MachineNews] {
        var news: [MachineNews] = []
        var added: [String] = []
        var removed: [String] = []
        var known = store.findAll(DeviceRecord.self, prefix: recordKey(user))
        let isOwn = utf8Equal(user, userID)
        for member in list.members {
            let isOwnDevice = isOwn && utf8Equal(member.key, deviceID)
            guard let json = member.value.objectValue,
                let device = DeviceRecord(json: json, userID: user, deviceID: member.key)
            else {
                if isOwnDevice { news.append(.ownDeviceTampered) }
                continue
            }
            if isOwnDevice {
                if !utf8Equal(device.ed25519Key, ed25519Key) || !utf8Equal(device.curve25519Key, curve25519Key) {
                    news.append(.ownDeviceTampered)
                    continue
                }
            }
            let position = known.firstIndex { utf8Equal($0.record.deviceID, device.deviceID) }
            let previous = position.map { known.remove(at: $0).record }
            if let previous, !previous.isDeleted, !hasSameKeys(previous, device) {
                news.append(.deviceKeysChanged(user: user, device: device.deviceID))
                continue
            }
            guard previous != nil || known.count + added.count < DeviceListBounds.devicesOfUser else { continue }
            if previous?.isDeleted ?? true { added.append(device.deviceID) }
            receive(device, after: previous)
        }
        for (key, var record) in known where !record.isDeleted && list[record.deviceID] == nil {
            if isOwn && utf8Equal(record.deviceID, deviceID) { continue }
            record.isDeleted = true
            store.write(record, key)
            removed.append(record.deviceID)
        }
        if !added.isEmpty || !removed.isEmpty {
            news.append(.devicesChanged(user: user, added: isFirst ? [] : added, removed: removed))
        }
        changeCount &+= 1
        return news
    }

    private func hasSameKeys(_ left: DeviceRecord, _ right: DeviceRecord) -> Bool {
        utf8Equal(left.ed25519Key, right.ed25519Key) && utf8Equal(left.curve25519Key, right.curve25519Key)
    }

    private func receive(_ device: DeviceRecord, after previous: DeviceRecord?) {
        var device = device
        if let previous, hasSameKeys(previous, device) {
            device.localTrust = previous.localTrust
            // A server that hides the signature of an identity takes nothing away.
            device.signer = previous.signer
        }
        if let signer = validSigner(of: device) { device.signer = signer }
        if utf8Equal(device.userID, userID), utf8Equal(device.deviceID, deviceID) { device.localTrust = .verified }
        store.write(device, DeviceRecord.key(device.userID, device.deviceID))
    }
}
