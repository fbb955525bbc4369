import CanonicalJSON
import MatrixIdentifiers

/// What runs while ``Session/run()`` does.
extension Engine {
    func run() async throws(ClientError) {
        guard !isRunning else { throw ClientError(.invalidRequest, "the session is running already") }
        try checkUsable()
        isRunning = true
        // A stream whose listener was cancelled says nothing any more.
        (sendBell, machineBell) = (Bell(), Bell())
        defer { stopRunning() }
        let outcome = await withTaskGroup(of: ClientError?.self) { group in
            group.addTask { await self.syncLoop() }
            group.addTask { await self.sendLoop() }
            group.addTask { await self.machineLoop() }
            // The first to end ends all: a session that hears nothing must not pretend to.
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if let outcome, outcome.code != .cancelled { throw outcome }
    }

    private func stopRunning() {
        isRunning = false
        if case .signedOut = connectionBroadcast.value {} else { connectionBroadcast.send(.stopped) }
        becomeReady()
        isReady = false
        wakeDrained()
    }

    func connectionUpdates() -> AsyncStream<ConnectionState> { connectionBroadcast.stream() }

    func ready() async {
        guard !isReady, !isOver else { return }
        await withCheckedContinuation { readyWaiters.append($0) }
    }

    private func becomeReady() {
        isReady = true
        for waiter in readyWaiters { waiter.resume() }
        readyWaiters = []
    }

    // MARK: Sync

    /// - Returns: why it has ended.
    private func syncLoop() async -> ClientError? {
        connectionBroadcast.send(.connecting)
        publishRooms()
        while !Task.isCancelled {
            switch sync.next {
            case .request(let progress, let wait): await syncOnce(progress, wait)
            case .pause(let milliseconds):
                do {
                    try await environment.sleep(.milliseconds(milliseconds))
                } catch {
                    return nil
                }
                sync.resume()
            case .end(let isSoft):
                connectionBroadcast.send(.signedOut(isSoft: isSoft))
                return ClientError(.signedOut(isSoft: isSoft), "the server has ended the session")
            }
            do throws(ClientError) { try checkUsable() } catch { return error }
        }
        return nil
    }

    private func syncOnce(_ progress: SyncProgress, _ waitMilliseconds: Int64) async {
        do throws(ClientError) {
            let request = SyncRequest(userID: userID, progress: progress, waitMilliseconds: waitMilliseconds)
            let json = try ServerCaller.json(try await send(request.call))
            try Task.checkCancelledAsClientError()
            let answer = try SyncAnswer(json, form: progress.form)
            let next = sync.progress(after: answer.outcome)
            try apply(answer, next: next, isNewConnection: progress.position == nil)
            sync.succeeded(next)
            if connectionBroadcast.value != .live { connectionBroadcast.send(.live) }
            if !isReady { becomeReady() }
        } catch {
            guard error.code != .cancelled else { return }
            sync.failed(error, random: randomNumber())
            if case .pause(let milliseconds) = sync.next {
                connectionBroadcast.send(
                    .offline(nextAttempt: environment.now() + milliseconds, reason: error.reason))
            }
        }
    }

    // MARK: The encryption machine's requests

    /// A new account begins with an identity, so that its devices can trust each other from the first one on.
    private func makeFirstIdentity() async throws(ClientError) {
        guard wantsIdentity, isReady, let password = identityPassword else { return }
        do throws(ClientError) {
            try await setUpIdentity(password: password, replacing: false)
            wantsIdentity = false
        } catch {
            // Without an identity one can write all the same; the person is shown that there is none.
            wantsIdentity = error.isTemporary
            identityPassword = wantsIdentity ? password : nil
            if wantsIdentity { throw error }
        }
    }

    private func machineLoop() async -> ClientError? {
        var retry = RetrySchedule()
        machineHost.machine?.checkBackup()
        machineBell.ring()
        for await _ in machineBell.rings {
            while !Task.isCancelled {
                do throws(ClientError) {
                    try await flushMachine()
                    try await makeFirstIdentity()
                    try await fetchKeyBundles()
                    retry.reset()
                    break
                } catch {
                    do throws(ClientError) { try checkUsable() } catch { return error }
                    guard error.isTemporary else { break }
                    var asked: Int64?
                    if case .limited(let milliseconds) = error.code { asked = milliseconds }
                    let delay = retry.delay(random: randomNumber(), asked: asked)
                    do { try await environment.sleep(.milliseconds(delay)) } catch { return nil }
                }
            }
        }
        return nil
    }
}

extension Task where Success == Never, Failure == Never {
    static func checkCancelledAsClientError() throws(ClientError) {
        if isCancelled { throw ClientError(.cancelled, "the task was cancelled") }
    }
}
