import CanonicalJSON
import CrossSigning
import Olm
import Primitives

/// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysclaim
extension EncryptionMachine {
    func olmState(of device: DeviceName) -> OlmStateRecord {
        store.find(OlmStateRecord.self, device.key) ?? OlmStateRecord()
    }

    func write(_ state: OlmStateRecord, of device: DeviceName) {
        store.write(state, device.key)
        work.note(device, isWanted: state.isSessionWanted)
    }

    /// Whether a claim did not fail just now.
    func mayClaim(_ device: DeviceRecord) -> Bool {
        olmState(of: DeviceName(user: device.userID, device: device.deviceID)).claimAgainAt <= now()
    }

    func wantSession(with device: DeviceRecord) {
        let name = DeviceName(user: device.userID, device: device.deviceID)
        var state = olmState(of: name)
        guard !state.isSessionWanted else { return }
        state.isSessionWanted = true
        write(state, of: name)
    }

    func makeKeysClaim() {
        guard !work.wantedSessions.isEmpty, !work.has(.claimKeys) else { return }
        let time = now()
        var users = JSONObject()
        var context = RecordWriter(version: 1)
        var names: [String] = []
        for (_, name) in work.wantedSessions.sorted(by: { precedes($0.key, $1.key) }) {
            guard names.count < 2 * ChannelBounds.devicesInClaim else { break }
            guard olmState(of: name).claimAgainAt <= time else { continue }
            var devices = users.object(name.user) ?? JSONObject()
            devices[name.device] = "signed_curve25519"
            users[name.user] = .object(devices)
            names += [name.user, name.device]
        }
        guard !names.isEmpty else { return }
        context.write(names)
        let body: JSONObject = ["one_time_keys": .object(users), "timeout": 10_000]
        enqueue(
            RequestRecord(
                kind: .claimKeys, method: .post, path: "/_matrix/client/v3/keys/claim", body: body.bytes(),
                context: context.bytes))
    }

    private func claimed(_ request: RequestRecord) throws(MachineError) -> [DeviceName] {
        var reader = try RecordReader(request.context, version: 1)
        let names = try reader.strings()
        return stride(from: 0, to: names.count - 1, by: 2).map { DeviceName(user: names[$0], device: names[$0 + 1]) }
    }

    func keysClaimFailed(_ request: RequestRecord) {
        do { for name in try claimed(request) { noteFailedClaim(of: name) } } catch {}
    }

    /// Waits a minute after the first failure, at most about a day after many. Messages that need the session wait.
    private func noteFailedClaim(of name: DeviceName) {
        var state = olmState(of: name)
        state.claimAgainAt = now() &+ 60_000 << Int64(min(state.claimFailures, 10))
        state.claimFailures = min(state.claimFailures, 254) + 1
        state.isSessionWanted = !store.all(in: .waitingMessages, prefix: WaitingMessageRecord.prefix(name)).isEmpty
        write(state, of: name)
        changeCount &+= 1
    }

    func receiveKeysClaim(_ answer: JSONObject, to request: RequestRecord) throws(MachineError) -> [MachineNews] {
        guard let users = answer.object("one_time_keys") else {
            throw MachineError(.malformed, "the answer has no 'one_time_keys'")
        }
        for name in try claimed(request) {
            guard let device = deviceRecord(name.device, of: name.user), !device.isDeleted,
                let keys = users.object(name.user)?.object(name.device),
                let session = makeSession(with: device, keys)
            else {
                noteFailedClaim(of: name)
                continue
            }
            keep(session, with: device.curve25519Key)
            var state = olmState(of: name)
            state.isSessionWanted = false
            state.claimAgainAt = 0
            state.claimFailures = 0
            state.wasToldOfNoOlm = false
            write(state, of: name)
            try sendWaitingMessages(to: device)
        }
        return []
    }

    /// Nil unless there is a key that the device has signed.
    private func makeSession(with device: DeviceRecord, _ keys: JSONObject) -> Olm.Session? {
        guard let signer = Ed25519Key(base64: device.ed25519Key), let account = loadedAccount(),
            let identityKey = Curve25519Key(base64: device.curve25519Key)
        else { return nil }
        for member in keys.members where isPrefix("signed_curve25519:", of: member.key) {
            guard let object = member.value.objectValue, let text = object.string("key"),
                let key = Curve25519Key(base64: text),
                SignedJSON.isSigned(object, userID: device.userID, keyID: "ed25519:" + device.deviceID, by: signer)
            else { continue }
            do {
                return try account.keys.makeOutboundSession(to: identityKey, oneTimeKey: key, random: random)
            } catch {}
        }
        return nil
    }

    private func sendWaitingMessages(to device: DeviceRecord) throws(MachineError) {
        let name = DeviceName(user: device.userID, device: device.deviceID)
        for (key, message) in store.findAll(WaitingMessageRecord.self, prefix: WaitingMessageRecord.prefix(name)) {
            store.remove(WaitingMessageRecord.self, key)
            guard let content = JSONObject.parse(message.content),
                let encrypted = try olmEncrypt(message.type, content, for: device)
            else { continue }
            enqueueToDevice("m.room.encrypted", [(device, encrypted)])
        }
    }
}

func isPrefix(_ prefix: String, of text: String) -> Bool { text.utf8.starts(with: prefix.utf8) }
