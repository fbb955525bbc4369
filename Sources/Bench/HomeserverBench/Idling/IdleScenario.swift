import CanonicalJSON
import NIOCore

/// Measures what a waiting sync costs the server, and how long it takes to wake them all.
package enum IdleScenario: BenchScenario {
    package static func run(_ options: IdleOptions, target: BenchTarget, environment: BenchEnvironment) async throws
        -> IdleReport
    {
        try options.validate()
        try raiseOpenFileLimit(toHold: options.connectionCount)
        if let processID = options.serverProcessID { _ = try ProcessFigures.memoryBytes(of: processID) }
        return try await Stage.with(target, environment) { stage in
            let (sessions, parts) = try await prepare(stage, options)
            let memoryBefore = try await memoryAtRest(stage, options)
            let crews = try await open(parts, stage)
            let memoryAfter = try await memoryAtRest(stage, options)
            environment.progress.show("waking \(parts.count) syncs")
            for crew in crews { crew.limitWaking(toSeconds: options.wakeLimitSeconds) }
            let sent = try await sendMessage(stage, from: sessions[0], to: parts[0].requests.roomID)
            for crew in crews { try await crew.allWoken.get() }
            var tallies: [IdleTally] = []
            for crew in crews { tallies.append(try await crew.stop()) }
            return IdleReport(
                target: target, options: options, memoryBefore: memoryBefore, memoryAfter: memoryAfter,
                sentNanoseconds: sent, tallies: tallies)
        }
    }

    /// Brings the users into one room and syncs each once.
    private static func prepare(_ stage: Stage, _ options: IdleOptions) async throws
        -> (sessions: [MatrixSession], parts: [IdleCrew.Part])
    {
        let sessions = try await stage.registerUsers(options.userCount)
        let roomID = try await stage.withCaller { try await $0.createRoom(as: sessions[0]) }
        try await stage.joinRoom(roomID, sessions.dropFirst())
        let users = try await stage.syncRequests(for: sessions, in: roomID)
        let tokens = try await stage.inParallel(users.count, showing: "first syncs") { caller, number in
            try await caller.firstSync(users[number])
        }
        let parts = (0..<options.connectionCount).map { number in
            IdleCrew.Part(
                number: number, requests: users[number % users.count], since: tokens[number % users.count])
        }
        return (sessions, parts)
    }

    private static func open(_ parts: [IdleCrew.Part], _ stage: Stage) async throws -> [IdleCrew.Handle] {
        stage.environment.progress.show("opening \(parts.count) connections")
        var crews: [IdleCrew.Handle] = []
        for share in stage.deal(parts) {
            crews.append(
                try await IdleCrew.Handle(share.share.map(\.item), on: share.eventLoop, stage: stage))
        }
        for crew in crews { try await crew.opened.get() }
        return crews
    }

    /// The server's memory in bytes when it has come to rest; nil when its process is unknown.
    private static func memoryAtRest(_ stage: Stage, _ options: IdleOptions) async throws -> Int? {
        stage.environment.progress.show("waiting for the server to come to rest")
        try await ServerRest(processID: options.serverProcessID, environment: stage.environment).wait()
        return try options.serverProcessID.map { processID throws(BenchError) in
            try ProcessFigures.memoryBytes(of: processID)
        }
    }

    /// - Returns: when the message's request was written.
    private static func sendMessage(_ stage: Stage, from session: MatrixSession, to roomID: String) async throws
        -> UInt64
    {
        try await stage.withCaller { caller in
            // The first call opens the connection, which is not what is measured.
            try await caller.checkVersions()
            let mark = MessageMark(
                run: stage.names.run, sender: 0, sequence: 0,
                sentNanoseconds: stage.environment.monotonicNanoseconds())
            try await caller.send(mark, to: roomID, as: session)
            return mark.sentNanoseconds
        }
    }
}

extension MatrixCaller {
    /// - Returns: where the user's next sync begins.
    fileprivate func firstSync(_ user: SyncRequests) async throws -> String {
        let answer = try await connection.send(user.firstSync())
        guard answer.status == 200, let sync = SyncAnswer(parse(answer.body), roomID: user.roomID) else {
            throw BenchError(
                .unexpectedAnswer,
                "GET /_matrix/client/v3/sync was answered \(answer.status): \(errorText(parse(answer.body)))")
        }
        return sync.nextBatch
    }
}
