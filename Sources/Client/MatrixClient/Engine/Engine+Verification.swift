import CanonicalJSON
import EncryptionMachine
import MatrixIdentifiers
import Verification

/// Verifications as people see them.
extension Engine {
    private static let maximumVerifications = 64

    private static func id(_ flowID: String, _ user: String) -> String { user + "\u{0}" + flowID }

    func requestVerification(of user: UserID) async throws(ClientError) -> Verification {
        let machine = try machineHost.required()
        machine.refreshDevices(of: [user.string])
        machine.trackUsers([user.string])
        try await flushMachine()
        do {
            if user == userID {
                let flowID = try machine.requestVerification()
                try commit([])
                machineBell.ring()
                return try verification(flowID, with: user.string)
            }
            let room = try await directChat(with: user)
            try machine.requestVerification(
                of: user.string, in: room.string, body: "\(userID) asks you to verify each other's devices.")
        } catch let error as MachineError {
            throw ClientError(.notFound, error.reason)
        } catch let error as ClientError {
            throw error
        } catch {
            throw ClientError(.encryption, "the verification cannot begin")
        }
        try await flushMachine()
        // Its name is the ID of the event, which the server has given.
        let flow = machine.verifications.last {
            $0.isOurs && utf8Equal($0.otherUserID, user.string) && !$0.state.isOver
        }
        guard let flow else { throw ClientError(.serverFailed, "the request could not be sent") }
        return try verification(flow.flowID, with: user.string)
    }

    func incomingVerifications() -> AsyncStream<Verification> { verificationStream }

    private func verification(_ flowID: String, with user: String) throws(ClientError) -> Verification {
        guard let flow = machineHost.machine?.verification(flowID, with: user), let other = UserID(user) else {
            throw ClientError(.notFound, "there is no such verification")
        }
        _ = broadcast(of: flow)
        return Verification(
            id: Self.id(flowID, user), flowID: flowID, userID: other, isOwnDevice: other == userID,
            isIncoming: !flow.isOurs, engine: self)
    }

    private func broadcast(of flow: VerificationFlow) -> Broadcast<VerificationState> {
        let id = Self.id(flow.flowID, flow.otherUserID)
        if let known = verificationBroadcasts[id] { return known }
        if verificationBroadcasts.count >= Self.maximumVerifications {
            verificationBroadcasts = verificationBroadcasts.filter { !$0.value.value.isOver }
        }
        let broadcast = Broadcast(state(of: flow))
        verificationBroadcasts[id] = broadcast
        return broadcast
    }

    func verificationHasChanged(_ flowID: String, with user: String) {
        guard let flow = machineHost.machine?.verification(flowID, with: user) else { return }
        let isNew = verificationBroadcasts[Self.id(flowID, user)] == nil
        let broadcast = broadcast(of: flow)
        let state = state(of: flow)
        if state.isOver { broadcast.finish(state) } else { broadcast.send(state) }
        if isNew, !flow.isOurs, !flow.state.isOver {
            do throws(ClientError) {
                verificationArrivals.yield(try verification(flowID, with: user))
            } catch {
                // It was there a moment ago.
            }
        }
        publishEncryptionStatus()
    }

    private func state(of flow: VerificationFlow) -> VerificationState {
        switch flow.state {
        case .requested, .offered: return .requested
        case .ready:
            return .ready(code: machineHost.machine?.verificationCode(flow.flowID, with: flow.otherUserID))
        case .agreeing: return .started
        case .comparing(let string, _):
            return .comparing(
                emojis: string.emoji.map { VerificationEmoji(symbol: $0.symbol, name: $0.name) },
                decimals: string.decimals)
        case .codeScanned: return .scannedByOther
        case .waitingForMatch, .waitingForConfirmation: return .waitingForOther
        case .done: return .done
        case .cancelled(let code, let byOther): return .cancelled(reason: code.reason, byOther: byOther)
        }
    }

    func verificationState(_ id: String) -> VerificationState {
        verificationBroadcasts[id]?.value ?? .cancelled(reason: "it is over", byOther: false)
    }

    func verificationUpdates(_ id: String) -> AsyncStream<VerificationState> {
        verificationBroadcasts[id]?.stream() ?? AsyncStream { $0.finish() }
    }

    func verification(_ flowID: String, with user: String, _ step: VerificationStep) throws(ClientError) {
        let machine = try machineHost.required()
        guard let flow = machine.verification(flowID, with: user) else {
            throw ClientError(.notFound, "the verification is over")
        }
        let news: [MachineNews]
        switch step {
        case .accept: news = machine.acceptVerification(flowID, with: user)
        case .startEmoji: news = machine.compareEmoji(flowID, with: user)
        case .confirm:
            news =
                flow.state == .codeScanned
                ? machine.confirmScanned(flowID, with: user) : machine.answerComparison(true, flowID, with: user)
        case .mismatch: news = machine.answerComparison(false, flowID, with: user)
        case .cancel: news = machine.cancelVerification(flowID, with: user)
        case .scanned(let bytes):
            guard let result = machine.scannedCode(bytes, flowID, with: user) else {
                throw ClientError(.encryption, "this is not the code of this verification")
            }
            news = result
        }
        try settle(news)
        machineBell.ring()
    }
}
