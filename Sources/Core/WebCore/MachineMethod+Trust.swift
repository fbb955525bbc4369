import CanonicalJSON
import EncryptionMachine
import ShortAuthenticationString
import Verification

extension MachineMethod {
    func runTrust(_ machine: Machine, _ arguments: MachineArguments) throws(CallError) -> JSONValue {
        switch self {
        case .devices: return .array(machine.devices(of: try arguments.text("user")).map { $0.json })
        case .identity: return machine.identity(of: try arguments.text("user")).map { $0.json } ?? .null
        case .acceptIdentity:
            let user = try arguments.text("user")
            do throws(MachineError) { try machine.acceptIdentity(of: user) } catch { throw CallError(error) }
        case .setLocalTrust:
            let (user, device) = (try arguments.text("user"), try arguments.text("device"))
            guard let trust = LocalTrust(rawValue: UInt8(clamping: try arguments.number("trust"))) else {
                throw CallError(.badArguments, "there is no such trust")
            }
            do throws(MachineError) { try machine.setLocalTrust(trust, device: device, of: user) } catch {
                throw CallError(error)
            }
        case .makeIdentity:
            do throws(MachineError) { try machine.makeIdentity(replacing: arguments.flag("replacing")) } catch {
                throw CallError(error)
            }
        case .requestMissingSecrets: machine.requestMissingSecrets()
        default:
            let status = machine.crossSigningStatus
            return [
                "hasIdentity": .bool(status.hasIdentity), "isVerified": .bool(status.isVerified),
                "isDeviceSigned": .bool(status.isDeviceSigned), "hasMasterKey": .bool(status.hasMasterKey),
                "hasSelfSigningKey": .bool(status.hasSelfSigningKey),
                "hasUserSigningKey": .bool(status.hasUserSigningKey), "isPending": .bool(status.isPending),
            ]
        }
        return .null
    }

    func runRecovery(_ machine: Machine, _ arguments: MachineArguments) throws(CallError) -> JSONValue {
        switch self {
        case .makeRecovery:
            do throws(MachineError) {
                return .string(try machine.makeRecovery(passphrase: arguments.textIfAny("passphrase")))
            } catch { throw CallError(error) }
        case .recover:
            let (input, accountData) = (try arguments.text("input"), try arguments.object("accountData"))
            do throws(RecoveryError) {
                return .news(try machine.recover(with: input) { accountData[$0]?.objectValue })
            } catch {
                switch error {
                case .notSetUp: throw CallError(.badArguments, "there is nothing to recover from")
                case .unreadable: throw CallError(.malformed, "the secret storage cannot be read")
                case .mistyped: throw CallError(.malformed, "the recovery key is mistyped")
                case .wrongKey: throw CallError(.refused, "the recovery key or passphrase is wrong")
                }
            }
        case .makeBackup: machine.makeBackup()
        case .checkBackup: machine.checkBackup()
        case .restoreBackup:
            let room = arguments.textIfAny("room")
            do throws(MachineError) { try machine.restoreBackup(of: room) } catch { throw CallError(error) }
        default:
            let status = machine.backupStatus
            return [
                "version": status.version.map { .string($0) } ?? .null, "isTrusted": .bool(status.isTrusted),
                "canRestore": .bool(status.canRestore), "sessionsToUpload": .integer(Int64(status.sessionsToUpload)),
            ]
        }
        return .null
    }

    func runVerification(_ machine: Machine, _ arguments: MachineArguments) throws(CallError) -> JSONValue {
        switch self {
        case .requestVerification:
            // With a room, of its other user; else of the own devices.
            let (room, user) = (arguments.textIfAny("room"), arguments.textIfAny("user"))
            do throws(MachineError) {
                guard let room, let user else {
                    let devices = arguments.has("devices") ? arguments.texts("devices") : nil
                    return .string(try machine.requestVerification(ofOwnDevices: devices))
                }
                try machine.requestVerification(of: user, in: room, body: arguments.textIfAny("body") ?? "")
                return .null
            } catch { throw CallError(error) }
        case .receiveVerificationEvent:
            return .news(
                machine.receiveVerificationEvent(try arguments.object("event"), in: try arguments.text("room")))
        case .verifications:
            return .array(machine.verifications.map { $0.json })
        default: break
        }
        let (flow, user) = (try arguments.text("flow"), try arguments.text("user"))
        switch self {
        case .acceptVerification: return .news(machine.acceptVerification(flow, with: user))
        case .cancelVerification: return .news(machine.cancelVerification(flow, with: user))
        case .compareEmoji: return .news(machine.compareEmoji(flow, with: user))
        default: return .news(machine.answerComparison(arguments.flag("isSame"), flow, with: user))
        }
    }
}

extension Device {
    fileprivate var json: JSONValue {
        [
            "deviceID": .string(deviceID), "curve25519": .string(curve25519Key), "ed25519": .string(ed25519Key),
            "displayName": displayName.map { .string($0) } ?? .null, "localTrust": .integer(Int64(localTrust.rawValue)),
            "trust": .string(trust.name),
        ]
    }
}

extension UserIdentity {
    fileprivate var json: JSONValue {
        let state: String =
            switch state {
            case .unverified: "unverified"
            case .verified: "verified"
            case .changed: "changed"
            case .changedAfterVerification: "changedAfterVerification"
            }
        return ["masterKey": .string(masterKey), "state": .string(state)]
    }
}

extension VerificationFlow {
    fileprivate var json: JSONValue {
        var json: JSONObject = [
            "flowID": .string(flowID), "user": .string(otherUserID), "isOurs": .bool(isOurs),
            "canCompare": .bool(canCompare), "device": other.map { .string($0.deviceID) } ?? .null,
        ]
        switch state {
        case .requested: json["state"] = "requested"
        case .offered: json["state"] = "offered"
        case .ready: json["state"] = "ready"
        case .agreeing: json["state"] = "agreeing"
        case .comparing(let string, let emoji):
            json["state"] = "comparing"
            json["emoji"] = emoji ? .array(string.emoji.map { .integer(Int64($0.number)) }) : .null
            json["decimals"] = .array(string.decimals.map { .integer(Int64($0)) })
        case .waitingForMatch: json["state"] = "waitingForMatch"
        case .codeScanned: json["state"] = "codeScanned"
        case .waitingForConfirmation: json["state"] = "waitingForConfirmation"
        case .done: json["state"] = "done"
        case .cancelled(let code, let byOther):
            json["state"] = "cancelled"
            json["code"] = .string(code.name)
            json["byOther"] = .bool(byOther)
        }
        return .object(json)
    }
}
