import NIOCore

/// One connection with a sync that waits. Confined to the crew's event loop.
package final class IdleConnection {
    private let part: IdleCrew.Part
    private let crew: IdleCrew
    private let connection: HTTPConnection
    private var since: String

    package init(_ part: IdleCrew.Part, crew: IdleCrew, stage: Stage) throws {
        self.part = part
        self.crew = crew
        since = part.since
        connection = HTTPConnection(
            connector: try stage.connector.forConnection(number: part.number), eventLoop: crew.eventLoop,
            environment: stage.environment)
    }

    /// Connects, and calls `opened` when the first sync is on its way or there is no connection.
    package func begin(opened: @escaping () -> Void) {
        connection.open { [self] error in
            if let error { crew.errors.record(error) }
            sync()
            opened()
        }
    }

    package func stop() { connection.close() }

    private func sync() {
        // Servers may answer equal requests of a user as one; a timeout of its own makes each connection's different.
        let milliseconds = IdleCrew.pollMilliseconds + part.number
        var request = ByteBuffer()
        part.requests.polls(timeoutMilliseconds: milliseconds).write(since: since, to: &request)
        connection.send(request, timeout: .milliseconds(Int64(milliseconds + 30_000))) { [self] result in
            answered(result)
        }
    }

    private func answered(_ result: Result<HTTPAnswer, BenchError>) {
        var pause: TimeAmount?
        switch result {
        case .success(let answer) where answer.status == 200:
            if let answer = SyncAnswer(parse(answer.body), roomID: part.requests.roomID) {
                since = answer.nextBatch
                // Woken for this run's message, the connection has done its part; else it waits on.
                if answer.messages.contains(where: { $0.run == crew.run }) { return crew.woken() }
                crew.earlyCount += 1
            } else {
                crew.errors.record(BenchError(.unexpectedAnswer, "not an answer to a sync"))
                pause = FailurePause.usual
            }
        case .success(let answer):
            crew.errors.record(status: answer.status)
            pause = FailurePause.after(answer)
        case .failure(let error):
            crew.errors.record(error)
            pause = FailurePause.usual
        }
        guard let pause else { return sync() }
        crew.eventLoop.assumeIsolated().scheduleTask(in: pause) { [self] in
            if !crew.isStopped { sync() }
        }
    }
}
