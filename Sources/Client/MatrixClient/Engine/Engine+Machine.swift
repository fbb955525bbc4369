import CanonicalJSON
import EncryptionMachine
import MatrixIdentifiers

/// Carrying the encryption machine's requests to the server and its answers back.
extension Engine {
    /// Sends what the machine wants sent, until nothing is left. Whoever comes while it is done waits for it.
    ///
    /// - Throws: when the server cannot be reached or fails; the requests stay.
    func flushMachine() async throws(ClientError) {
        if isFlushing {
            await withCheckedContinuation { flushWaiters.append($0) }
            return
        }
        isFlushing = true
        defer {
            isFlushing = false
            for waiter in flushWaiters { waiter.resume() }
            flushWaiters = []
        }
        // One that the machine makes anew after each answer must not keep us here for ever.
        for _ in 0..<Self.maximumRounds {
            try commit([])
            let requests = machineHost.outgoingRequests()
            guard !requests.isEmpty else { return }
            for request in requests { try await send(request) }
        }
    }

    private static let maximumRounds = 50

    private func send(_ request: OutgoingRequest) async throws(ClientError) {
        let call = ServerCaller.Call(
            method: request.method.name, target: request.path, body: request.body, timeout: .seconds(60))
        let response = try await send(call)
        let news: [MachineNews]
        do throws(ClientError) {
            news = try machineHost.receive(response.body, status: response.status, for: request.id)
        } catch {
            try commit([])
            throw error
        }
        var draft = Draft()
        try apply(news, to: &draft)
        try finish(draft)
        handle(news)
        // These stay with the machine, to be sent again later.
        if response.status == 401 || response.status == 429 || response.status >= 500 {
            throw ServerCaller.refusal(response)
        }
    }

    /// What the person should hear of.
    func handle(_ news: [MachineNews]) {
        for item in news {
            switch item {
            case .identityChanged: publishEncryptionStatus()
            default: break
            }
        }
    }
}
