import CanonicalJSON
import EncryptionMachine
import KeyBackup

extension MachineMethod {
    func runMessages(
        _ machine: Machine, _ arguments: MachineArguments, _ bytes: [UInt8]
    ) throws(CallError) -> JSONValue {
        switch self {
        case .prepareToSend:
            let room = try arguments.text("room")
            let members = RoomMembers(joined: arguments.texts("joined"), invited: arguments.texts("invited"))
            do throws(MachineError) { return try machine.prepareToSend(in: room, members: members).json } catch {
                throw CallError(error)
            }
        case .encrypt:
            let (room, type) = (try arguments.text("room"), try arguments.text("type"))
            let content = try arguments.object("content")
            do throws(MachineError) { return .object(try machine.encrypt(content, type: type, in: room)) } catch {
                throw CallError(error)
            }
        case .decrypt:
            let (room, event) = (try arguments.text("room"), try arguments.object("event"))
            do throws(DecryptionError) { return try machine.decrypt(event, in: room).json } catch { return error.json }
        case .discardSession:
            machine.discardSession(in: try arguments.text("room"))
            return .null
        case .requestSession:
            return .bool(machine.requestSession(try arguments.text("session"), in: try arguments.text("room")))
        case .exportSessions:
            let passphrase = try arguments.text("passphrase")
            var sessions: [JSONObject] = []
            machine.exportSessions { sessions.append($0) }
            let file = SessionExport.encrypt(sessions, passphrase: passphrase, random: Host.random)
            return .string(String(decoding: file, as: UTF8.self))
        default:
            let passphrase = try arguments.text("passphrase")
            do throws(SessionExportError) {
                let sessions = try SessionExport.decrypt(bytes, passphrase: passphrase)
                return .news(machine.importSessions(sessions, origin: .imported))
            } catch { throw CallError(.refused, "the file or its passphrase is wrong") }
        }
    }
}

extension Readiness {
    fileprivate var json: JSONValue {
        switch self {
        case .ready: ["state": "ready"]
        case .waiting(let ids):
            ["state": "waiting", "requests": .array(ids.map { .integer(Int64(clamping: $0.number)) })]
        case .blocked(.identitiesChanged(let users)): ["state": "identitiesChanged", "users": .list(users)]
        case .blocked(.unsupportedAlgorithm): ["state": "unsupportedAlgorithm"]
        }
    }
}

extension DecryptedEvent {
    fileprivate var json: JSONValue {
        [
            "type": .string(type), "content": .object(content), "sessionID": .string(sessionID),
            "messageIndex": .integer(Int64(messageIndex)), "senderDevice": senderDevice.map { .string($0) } ?? .null,
            "senderKey": .string(senderKey), "senderTrust": .string(senderTrust.name),
            "isAuthentic": .bool(origin.isAuthentic), "warning": warning.map { .string($0.name) } ?? .null,
        ]
    }
}

extension DeviceTrust {
    var name: String {
        switch self {
        case .unknown: "unknown"
        case .blacklisted: "blacklisted"
        case .unsigned: "unsigned"
        case .identityChanged: "identityChanged"
        case .crossSigned: "crossSigned"
        case .verified: "verified"
        }
    }
}

extension SenderWarning {
    fileprivate var name: String {
        switch self {
        case .unknownDevice: "unknownDevice"
        case .unsignedDevice: "unsignedDevice"
        case .identityChanged: "identityChanged"
        case .authenticityNotGuaranteed: "authenticityNotGuaranteed"
        }
    }
}

extension DecryptionError {
    /// Not an error of the call: the host shows it in the message's place, and the machine may have things to keep.
    fileprivate var json: JSONValue {
        switch self {
        case .malformed: ["failure": "malformed"]
        case .unsupportedAlgorithm: ["failure": "unsupportedAlgorithm"]
        case .unknownSession(let sessionID, let withheld): Self.missing("unknownSession", sessionID, withheld)
        case .beforeFirstKnownIndex(let sessionID, let withheld):
            Self.missing("beforeFirstKnownIndex", sessionID, withheld)
        case .badCiphertext: ["failure": "badCiphertext"]
        case .senderMismatch: ["failure": "senderMismatch"]
        case .wrongRoom: ["failure": "wrongRoom"]
        case .replay: ["failure": "replay"]
        case .badPayload: ["failure": "badPayload"]
        case .damagedRecord: ["failure": "damagedRecord"]
        }
    }

    private static func missing(_ failure: String, _ sessionID: String, _ withheld: WithheldCode?) -> JSONValue {
        [
            "failure": .string(failure), "sessionID": .string(sessionID),
            "withheld": withheld.map { .string($0.name) } ?? .null,
        ]
    }
}

extension WithheldCode {
    var name: String {
        switch self {
        case .blacklisted: "blacklisted"
        case .unverified: "unverified"
        case .unauthorised: "unauthorised"
        case .unavailable: "unavailable"
        case .noOlm: "noOlm"
        case .historyNotShared: "historyNotShared"
        case .other: "other"
        }
    }
}
