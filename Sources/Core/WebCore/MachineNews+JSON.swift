import CanonicalJSON
import EncryptionMachine

extension MachineNews {
    var json: JSONValue {
        switch self {
        case .sessionsReadable(let room, let sessions):
            ["kind": "sessionsReadable", "room": .string(room), "sessions": .list(sessions)]
        case .sessionWithheld(let room, let session, let code):
            Self.of("sessionWithheld", ("room", room), ("session", session), ("code", code.name))
        case .devicesChanged(let user, let added, let removed):
            ["kind": "devicesChanged", "user": .string(user), "added": .list(added), "removed": .list(removed)]
        case .identityChanged(let user, let wasVerified):
            ["kind": "identityChanged", "user": .string(user), "wasVerified": .bool(wasVerified)]
        case .deviceKeysChanged(let user, let device):
            Self.of("deviceKeysChanged", ("user", user), ("device", device))
        case .ownDeviceTampered: ["kind": "ownDeviceTampered"]
        case .keyBundleOffered(let room, let user): Self.of("keyBundleOffered", ("room", room), ("user", user))
        case .roomEncrypted(let room): Self.of("roomEncrypted", ("room", room))
        case .toDevice(let event):
            [
                "kind": "toDevice", "sender": .string(event.sender), "device": .string(event.senderDevice),
                "trust": .string(event.senderTrust.name), "type": .string(event.type),
                "content": .object(event.content),
            ]
        case .plainToDevice(let sender, let type, let content):
            [
                "kind": "plainToDevice", "sender": .string(sender), "type": .string(type), "content": .object(content),
            ]
        case .undecryptableToDevice(let sender): Self.of("undecryptableToDevice", ("sender", sender))
        case .encryptionDowngraded(let room): Self.of("encryptionDowngraded", ("room", room))
        case .verificationChanged(let user, let flow): Self.of("verificationChanged", ("user", user), ("flow", flow))
        case .crossSigningChanged: ["kind": "crossSigningChanged"]
        case .backupChanged: ["kind": "backupChanged"]
        case .backupRestored(let sessions, let unreadable):
            [
                "kind": "backupRestored", "sessions": .integer(Int64(sessions)),
                "unreadable": .integer(Int64(unreadable)),
            ]
        case .requestRefused(let kind, let status, let code):
            [
                "kind": "requestRefused", "request": .integer(Int64(kind.rawValue)), "status": .integer(Int64(status)),
                "code": code.map { .string($0) } ?? .null,
            ]
        }
    }

    private static func of(_ kind: String, _ members: (String, String)...) -> JSONValue {
        var json = JSONObject(members: members.map { ($0.0, .string($0.1)) })
        json["kind"] = .string(kind)
        return .object(json)
    }
}

extension OutgoingRequest {
    var json: JSONValue {
        var json: JSONObject = [
            "id": .integer(Int64(clamping: id.number)), "kind": .integer(Int64(kind.rawValue)),
            "method": .string(method.name), "path": .string(path),
            "body": .string(String(decoding: body, as: UTF8.self)),
        ]
        if let event = roomEvent {
            json["roomEvent"] = [
                "room": .string(event.room), "type": .string(event.type), "transactionID": .string(event.transactionID),
            ]
        }
        return .object(json)
    }
}
