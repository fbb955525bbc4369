import CanonicalJSON
import EncryptionMachine

/// What the host can ask a machine, by number: the same list, in the same order, as in `Web/src/core/machine.ts`.
enum MachineMethod: Int32 {
    case describe, outgoingRequests, receive, receiveSync, receiveStateEvents, trackUsers
    case prepareToSend, encrypt, decrypt, discardSession, requestSession, exportSessions, importSessions
    case devices, identity, acceptIdentity, setLocalTrust, makeIdentity, crossSigningStatus, requestMissingSecrets
    case makeRecovery, recover, makeBackup, checkBackup, backupStatus, restoreBackup
    case requestVerification, acceptVerification, cancelVerification, compareEmoji, answerComparison
    case receiveVerificationEvent, verifications

    func run(_ machine: Machine, _ arguments: MachineArguments, _ bytes: [UInt8]) throws(CallError) -> JSONValue {
        switch self {
        case .describe, .outgoingRequests, .receive, .receiveSync, .receiveStateEvents, .trackUsers:
            return try runUpkeep(machine, arguments, bytes)
        case .prepareToSend, .encrypt, .decrypt, .discardSession, .requestSession, .exportSessions, .importSessions:
            return try runMessages(machine, arguments, bytes)
        case .devices, .identity, .acceptIdentity, .setLocalTrust, .makeIdentity, .crossSigningStatus,
            .requestMissingSecrets:
            return try runTrust(machine, arguments)
        case .makeRecovery, .recover, .makeBackup, .checkBackup, .backupStatus, .restoreBackup:
            return try runRecovery(machine, arguments)
        case .requestVerification, .acceptVerification, .cancelVerification, .compareEmoji, .answerComparison,
            .receiveVerificationEvent, .verifications:
            return try runVerification(machine, arguments)
        }
    }

    private func runUpkeep(
        _ machine: Machine, _ arguments: MachineArguments, _ bytes: [UInt8]
    ) throws(CallError) -> JSONValue {
        switch self {
        case .outgoingRequests: return .array(machine.outgoingRequests().map { $0.json })
        case .receive:
            let id = OutgoingRequest.ID(UInt64(clamping: try arguments.number("id")))
            let status = Int(clamping: try arguments.number("status"))
            do throws(MachineError) { return .news(try machine.receive(bytes, status: status, for: id)) } catch {
                throw CallError(error)
            }
        case .receiveSync:
            var changes = SyncChanges(
                toDevice: arguments.values("toDevice"), changedDeviceLists: arguments.texts("changedDeviceLists"),
                leftDeviceLists: arguments.texts("leftDeviceLists"))
            changes.oneTimeKeyCounts = arguments.objectIfAny("oneTimeKeyCounts")
            if arguments.has("unusedFallbackKeyTypes") {
                changes.unusedFallbackKeyTypes = arguments.texts("unusedFallbackKeyTypes")
            }
            return .news(machine.receiveSync(changes))
        case .receiveStateEvents:
            return .news(machine.receiveStateEvents(arguments.objects("events"), in: try arguments.text("room")))
        case .trackUsers:
            machine.trackUsers(arguments.texts("users"))
            return .null
        default:
            return [
                "curve25519": .string(machine.curve25519Key), "ed25519": .string(machine.ed25519Key),
                "deviceKeys": .object(machine.ownDeviceKeys),
            ]
        }
    }
}

extension JSONValue {
    @inline(never)
    static func news(_ news: [MachineNews]) -> JSONValue { .array(news.map { $0.json }) }

    @inline(never)
    static func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}
