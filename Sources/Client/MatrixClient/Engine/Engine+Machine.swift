import CanonicalJSON
import EncryptionMachine
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers

/// Carrying the encryption machine's requests to the server and its answers back.
extension Engine {
    /// Sends what the machine wants sent, until nothing is left. Whoever comes while it is done waits, and looks again.
    ///
    /// - Throws: when the server cannot be reached or fails; the requests stay.
    func flushMachine() async throws(ClientError) {
        // What is being sent may have been chosen before there was what the caller wants sent.
        while isFlushing { await withCheckedContinuation { flushWaiters.append($0) } }
        isFlushing = true
        defer {
            isFlushing = false
            for waiter in flushWaiters { waiter.resume() }
            flushWaiters = []
        }
        // One that the machine makes anew after each answer must not keep us here for ever.
        for _ in 0..<Self.maximumFlushes {
            try commit([])
            var isAnyAnswered = false
            for request in machineHost.outgoingRequests() where try await send(request) { isAnyAnswered = true }
            guard isAnyAnswered else { return }
        }
    }

    private static let maximumFlushes = 50

    /// - Returns: whether that has brought anything forward.
    private func send(_ request: OutgoingRequest) async throws(ClientError) -> Bool {
        let call: ServerCaller.Call
        switch try await preparation(of: request) {
        case .ready(let ready): call = ready
        case .needsOthers: return true
        case .blocked: return false
        }
        var response = try await send(call)
        if request.kind == .uploadSigningKeys, response.status == 401 {
            guard let again = try await withPassword(request, state: response) else { return false }
            response = again
        }
        let news: [MachineNews]
        do throws(ClientError) {
            news = try machineHost.receive(response.body, status: response.status, for: request.id)
        } catch {
            try commit([])
            throw error
        }
        try settle(news)
        // These stay with the machine, to be sent again later.
        if response.status == 401 || response.status == 429 || response.status >= 500 {
            throw ServerCaller.refusal(response)
        }
        return true
    }

    /// Takes in what the machine says, in one step.
    func settle(_ news: [MachineNews]) throws(ClientError) {
        var draft = Draft()
        let all = try apply(news, to: &draft)
        try finish(draft)
        handle(all)
    }

    private enum Preparation {
        case ready(ServerCaller.Call)
        /// Other requests come first, before the event can be encrypted.
        case needsOthers
        case blocked
    }

    private func preparation(of request: OutgoingRequest) async throws(ClientError) -> Preparation {
        var call = ServerCaller.Call(
            method: request.method.name, target: request.path, body: request.body, timeout: .seconds(60))
        guard let event = request.roomEvent, let roomID = RoomID(event.room), rooms[roomID]?.isEncrypted == true,
            let content = ServerCaller.object(request.body)
        else { return .ready(call) }
        try await learnEncryption(of: roomID)
        try await loadMembers(of: roomID)
        guard rooms[roomID]?.hasAllMembers == true else { return .needsOthers }
        let readiness = try machineHost.prepare(in: roomID, members: encryptionMembers(of: roomID))
        try commit([])
        switch readiness {
        case .ready: break
        case .waiting: return .needsOthers
        case .blocked: return .blocked
        }
        let encrypted = try machineHost.encrypt(content, type: event.type, in: roomID)
        try commit([])
        call.target = Endpoint.sendMessage.target([
            "roomId": event.room, "eventType": "m.room.encrypted", "txnId": event.transactionID,
        ])
        call.body = encrypted.bytes()
        return .ready(call)
    }

    /// The request again with the person's password, where the server asks for it and it was given.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#user-interactive-authentication-api
    private func withPassword(
        _ request: OutgoingRequest, state response: TransportResponse
    ) async throws(ClientError) -> TransportResponse? {
        guard let state = ServerCaller.object(response.body), state["flows"] != nil, let password = identityPassword,
            var body = ServerCaller.object(request.body)
        else { return nil }
        // Wrong, it is not tried again.
        identityPassword = nil
        var auth: JSONObject = [
            "type": "m.login.password", "password": .string(password),
            "identifier": ["type": "m.id.user", "user": .string(userID.string)],
        ]
        auth["session"] = state["session"]
        body["auth"] = .object(auth)
        let call = ServerCaller.Call(method: request.method.name, target: request.path, body: body.bytes())
        let again = try await send(call)
        return again.status == 401 ? nil : again
    }

    /// What the person should hear of, and what follows from it.
    func handle(_ news: [MachineNews]) {
        var isStatusChanged = false
        for item in news {
            switch item {
            case .identityChanged(let user, _):
                if let id = UserID(user) { changedIdentities.insert(id) }
                isStatusChanged = true
            case .crossSigningChanged, .devicesChanged: isStatusChanged = true
            case .backupChanged:
                restoreBackupOnce()
                isStatusChanged = true
            case .backupRestored: isStatusChanged = true
            case .keyBundleOffered(let room, _):
                if let roomID = RoomID(room) { offeredBundles.insert(roomID) }
            case .verificationChanged(let user, let flowID): verificationHasChanged(flowID, with: user)
            default: break
            }
        }
        if isStatusChanged { publishEncryptionStatus() }
        if !news.isEmpty { machineBell.ring() }
    }
}
