import CanonicalJSON
import EncryptionMachine

/// A homeserver's share of end-to-end encryption: keys, claims, to-device messages, and lists of who has changed.
final class FakeServer {
    struct DeviceName: Hashable {
        let user: String
        let device: String
    }

    /// By user and device.
    var deviceKeys: [DeviceName: JSONObject] = [:]
    var masterKeys: [String: JSONObject] = [:]
    var selfSigningKeys: [String: JSONObject] = [:]
    var userSigningKeys: [String: JSONObject] = [:]
    var oneTimeKeys: [DeviceName: [(name: String, key: JSONValue)]] = [:]
    var fallbackKeys: [DeviceName: (name: String, key: JSONValue, isUsed: Bool)] = [:]
    var inboxes: [DeviceName: [JSONValue]] = [:]
    /// Users whose keys have changed since the device's last sync.
    var changed: [DeviceName: Set<String>] = [:]
    private var seenTransactions: Set<String> = []
    /// Requests by kind, for tests that count.
    private(set) var requestCounts: [OutgoingRequest.Kind: Int] = [:]
    /// Answers of an attacker: a test may change what the server says.
    var tamper: (_ request: OutgoingRequest, _ user: String, _ answer: JSONObject) -> JSONObject = { $2 }
    /// Bodies of all to-device requests, once for each transaction.
    private(set) var toDeviceBodies: [JSONObject] = []
    var onChange: (_ user: String) -> Void = { _ in }
    /// Identities, account data, backups and room events.
    var trust = TrustState()

    func register(_ name: DeviceName) { changed[name] = [] }

    func noteChange(of user: String) {
        for name in changed.keys { changed[name]?.insert(user) }
        onChange(user)
    }

    func remove(_ name: DeviceName) {
        deviceKeys[name] = nil
        oneTimeKeys[name] = nil
        fallbackKeys[name] = nil
        inboxes[name] = nil
        changed[name] = nil
        noteChange(of: name.user)
    }

    /// Answers a request as the specification says.
    func respond(to request: OutgoingRequest, from name: DeviceName) -> (status: Int, body: [UInt8]) {
        requestCounts[request.kind, default: 0] += 1
        let body = (try? JSONParser.parse(request.body).objectValue) ?? JSONObject()
        let answer: JSONObject
        switch request.kind {
        case .uploadKeys: answer = upload(body, from: name)
        case .queryKeys: answer = query(body, from: name)
        case .claimKeys: answer = claim(body)
        case .sendToDevice: answer = sendToDevice(body, path: request.path, from: name)
        case .uploadSignatures, .uploadSigningKeys, .sendRoomEvent, .uploadBackup, .other:
            let (status, answer) = respondToTrust(request, body, from: name)
            return (status, tamper(request, name.user, answer).bytes())
        }
        return (200, tamper(request, name.user, answer).bytes())
    }

    /// What a device's next sync says; the messages are gone from the server then.
    func sync(_ name: DeviceName) -> SyncChanges {
        let messages = inboxes[name] ?? []
        inboxes[name] = []
        let users = changed[name] ?? []
        changed[name] = []
        return SyncChanges(
            toDevice: messages, changedDeviceLists: users.sorted(), oneTimeKeyCounts: counts(of: name),
            unusedFallbackKeyTypes: fallbackKeys[name].map { $0.isUsed ? [] : ["signed_curve25519"] } ?? [])
    }

    private func counts(of name: DeviceName) -> JSONObject {
        ["signed_curve25519": .integer(Int64(oneTimeKeys[name]?.count ?? 0))]
    }

    private func upload(_ body: JSONObject, from name: DeviceName) -> JSONObject {
        if let keys = body["device_keys"]?.objectValue {
            let isNew = deviceKeys[name] != keys
            deviceKeys[name] = keys
            if isNew { noteChange(of: name.user) }
        }
        for member in body["one_time_keys"]?.objectValue?.members ?? [] {
            guard !(oneTimeKeys[name] ?? []).contains(where: { $0.name == member.key }) else { continue }
            oneTimeKeys[name, default: []].append((member.key, member.value))
        }
        for member in body["fallback_keys"]?.objectValue?.members ?? [] {
            fallbackKeys[name] = (member.key, member.value, false)
        }
        return ["one_time_key_counts": .object(counts(of: name))]
    }

    private func query(_ body: JSONObject, from name: DeviceName) -> JSONObject {
        var lists = JSONObject()
        var (master, selfSigning, userSigning) = (JSONObject(), JSONObject(), JSONObject())
        for user in body["device_keys"]?.objectValue?.members.map(\.key) ?? [] {
            var list = JSONObject()
            for (device, keys) in deviceKeys where device.user == user { list[device.device] = .object(keys) }
            lists[user] = .object(list)
            master[user] = masterKeys[user].map { .object($0) }
            selfSigning[user] = selfSigningKeys[user].map { .object($0) }
            if user == name.user { userSigning[user] = userSigningKeys[user].map { .object($0) } }
        }
        return [
            "device_keys": .object(lists), "master_keys": .object(master), "self_signing_keys": .object(selfSigning),
            "user_signing_keys": .object(userSigning), "failures": .object(JSONObject()),
        ]
    }

    private func claim(_ body: JSONObject) -> JSONObject {
        var users = JSONObject()
        for user in body["one_time_keys"]?.objectValue?.members ?? [] {
            var devices = JSONObject()
            for device in user.value.objectValue?.members ?? [] {
                let name = DeviceName(user: user.key, device: device.key)
                if let first = oneTimeKeys[name]?.first {
                    oneTimeKeys[name]?.removeFirst()
                    devices[device.key] = .object(JSONObject(members: [(first.name, first.key)]))
                } else if let fallback = fallbackKeys[name] {
                    fallbackKeys[name]?.isUsed = true
                    devices[device.key] = .object(JSONObject(members: [(fallback.name, fallback.key)]))
                }
            }
            users[user.key] = .object(devices)
        }
        return ["one_time_keys": .object(users)]
    }

    private func sendToDevice(_ body: JSONObject, path: String, from sender: DeviceName) -> JSONObject {
        guard seenTransactions.insert(sender.user + sender.device + path).inserted else { return JSONObject() }
        toDeviceBodies.append(body)
        let type = String(path.split(separator: "/")[4])
        for user in body["messages"]?.objectValue?.members ?? [] {
            for device in user.value.objectValue?.members ?? [] {
                deliver(
                    type, device.value.objectValue ?? JSONObject(), from: sender.user,
                    to: DeviceName(user: user.key, device: device.key))
            }
        }
        return JSONObject()
    }

    func deliver(_ type: String, _ content: JSONObject, from sender: String, to name: DeviceName) {
        guard changed[name] != nil else { return }
        inboxes[name, default: []].append(
            ["type": .string(type), "sender": .string(sender), "content": .object(content)])
    }
}
