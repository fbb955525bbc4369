import CanonicalJSON
import EncryptionMachine

/// What a homeserver keeps for identities, secret storage, backups and rooms.
struct TrustState {
    struct RoomEvent {
        let room: String
        let json: JSONObject
    }

    /// By user and type.
    var accountData: [String: [String: JSONObject]] = [:]
    var roomEvents: [RoomEvent] = []
    /// Backups of a user, the current one last.
    var backups: [String: [Backup]] = [:]
    /// Asks for a password before it takes another identity.
    var asksForPassword = false
    var clock: Int64 = 1_700_000_000_000

    struct Backup {
        let version: String
        let description: JSONObject
        /// Room, session.
        var sessions: [String: [String: JSONObject]] = [:]
    }
}

extension FakeServer {
    func respondToTrust(
        _ request: OutgoingRequest, _ body: JSONObject, from name: DeviceName
    ) -> (status: Int, answer: JSONObject) {
        let path = String(request.path.split(separator: "?")[0])
        if request.kind == .uploadSigningKeys { return uploadSigningKeys(body, from: name) }
        if request.kind == .uploadSignatures { return (200, uploadSignatures(body, from: name)) }
        if let event = request.roomEvent { return (200, sendRoomEvent(event, body, from: name)) }
        if path.contains("/account_data/") {
            let type = String(path.split(separator: "/").last ?? "").removingPercentEncoding
            trust.accountData[name.user, default: [:]][type] = body
            return (200, [:])
        }
        return respondToBackup(request, path, body, from: name)
    }

    private func uploadSigningKeys(_ body: JSONObject, from name: DeviceName) -> (Int, JSONObject) {
        if trust.asksForPassword, body["auth"] == nil {
            return (401, ["flows": [["stages": ["m.login.password"]]], "session": "s"])
        }
        masterKeys[name.user] = body["master_key"]?.objectValue
        selfSigningKeys[name.user] = body["self_signing_key"]?.objectValue
        userSigningKeys[name.user] = body["user_signing_key"]?.objectValue
        noteChange(of: name.user)
        return (200, [:])
    }

    private func uploadSignatures(_ body: JSONObject, from name: DeviceName) -> JSONObject {
        for user in body.members {
            for item in user.value.objectValue?.members ?? [] {
                guard let new = item.value.objectValue?["signatures"]?.objectValue?[name.user]?.objectValue else {
                    continue
                }
                let device = DeviceName(user: user.key, device: item.key)
                if var keys = deviceKeys[device] {
                    add(new, of: name.user, to: &keys)
                    deviceKeys[device] = keys
                } else if var master = masterKeys[user.key] {
                    add(new, of: name.user, to: &master)
                    masterKeys[user.key] = master
                }
            }
            noteChange(of: user.key)
        }
        return ["failures": [:]]
    }

    private func add(_ new: JSONObject, of user: String, to object: inout JSONObject) {
        var signatures = object["signatures"]?.objectValue ?? JSONObject()
        var ofUser = signatures[user]?.objectValue ?? JSONObject()
        for member in new.members { ofUser[member.key] = member.value }
        signatures[user] = .object(ofUser)
        object["signatures"] = .object(signatures)
    }

    private func sendRoomEvent(
        _ event: (room: String, type: String, transactionID: String), _ content: JSONObject, from name: DeviceName
    ) -> JSONObject {
        let eventID = "$event\(trust.roomEvents.count)"
        trust.roomEvents.append(
            TrustState.RoomEvent(
                room: event.room,
                json: [
                    "type": .string(event.type), "sender": .string(name.user), "event_id": .string(eventID),
                    "origin_server_ts": .integer(trust.clock), "content": .object(content),
                ]))
        return ["event_id": .string(eventID)]
    }

    // MARK: Backups

    private func respondToBackup(
        _ request: OutgoingRequest, _ path: String, _ body: JSONObject, from name: DeviceName
    ) -> (Int, JSONObject) {
        let backups = trust.backups[name.user] ?? []
        let missing: (Int, JSONObject) = (404, ["errcode": "M_NOT_FOUND"])
        if path.hasSuffix("/room_keys/version") {
            if request.method == .post {
                let version = String(backups.count + 1)
                trust.backups[name.user, default: []].append(TrustState.Backup(version: version, description: body))
                return (200, ["version": .string(version)])
            }
            guard let current = backups.last else { return missing }
            var answer = current.description
            answer["version"] = .string(current.version)
            return (200, answer)
        }
        if request.method == .delete {
            trust.backups[name.user] = nil
            return (200, [:])
        }
        let version = request.path.split(separator: "=").last.map(String.init) ?? ""
        guard let current = backups.last else { return missing }
        guard current.version == version else {
            return (403, ["errcode": "M_WRONG_ROOM_KEYS_VERSION", "current_version": .string(current.version)])
        }
        guard request.method == .put else { return (200, sessions(in: current)) }
        for room in body["rooms"]?.objectValue?.members ?? [] {
            for session in room.value.objectValue?["sessions"]?.objectValue?.members ?? [] {
                trust.backups[name.user]?[backups.count - 1].sessions[room.key, default: [:]][session.key] =
                    session.value.objectValue
            }
        }
        return (200, ["etag": "1", "count": 1])
    }

    private func sessions(in backup: TrustState.Backup) -> JSONObject {
        var rooms = JSONObject()
        for (room, sessions) in backup.sessions {
            let members = sessions.map { ($0.key, JSONValue.object($0.value)) }
            rooms[room] = ["sessions": .object(JSONObject(members: members))]
        }
        return ["rooms": .object(rooms)]
    }

    func backedUpSessions(of user: String) -> Int {
        trust.backups[user]?.last?.sessions.values.reduce(0) { $0 + $1.count } ?? 0
    }
}

extension String {
    var removingPercentEncoding: String {
        var bytes: [UInt8] = []
        var rest = Array(utf8)[...]
        while let first = rest.popFirst() {
            if first == UInt8(ascii: "%"), let byte = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(byte)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(first)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
