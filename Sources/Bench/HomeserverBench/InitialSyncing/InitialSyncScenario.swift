/// Measures how long a new device of an account with many rooms waits for its first sync, and what a sync costs that
/// has nothing to say.
package enum InitialSyncScenario: BenchScenario {
    package static func run(
        _ options: InitialSyncOptions, target: BenchTarget, environment: BenchEnvironment
    ) async throws -> InitialSyncReport {
        try options.validate()
        return try await Stage.with(target, environment) { stage in
            let owner = try await prepare(stage, options)
            return try await measure(stage, options, owner: owner)
        }
    }

    /// Makes the rooms and their messages. They are one user's own, which is as much to a sync as if they were many
    /// people's, and quicker to make.
    private static func prepare(_ stage: Stage, _ options: InitialSyncOptions) async throws -> MatrixSession {
        let owner = try await stage.registerUsers(1)[0]
        _ = try await stage.inParallel(options.roomCount, showing: "filling rooms") { caller, number in
            let roomID = try await caller.createRoom(as: owner)
            for sequence in 0..<options.messagesPerRoom {
                let mark = MessageMark(
                    run: stage.names.run, sender: number, sequence: sequence,
                    sentNanoseconds: stage.environment.monotonicNanoseconds())
                try await caller.send(mark, to: roomID, as: owner)
            }
        }
        return owner
    }

    private static func measure(
        _ stage: Stage, _ options: InitialSyncOptions, owner: MatrixSession
    ) async throws -> InitialSyncReport {
        let calls = SyncCalls(kind: options.kind, messagesPerRoom: options.messagesPerRoom, requests: stage.requests)
        // A device each: a server may remember what it has answered to a device.
        let devices = try await stage.inParallel(options.initialCount, showing: "signing in") { caller, _ in
            try await caller.logIn(stage.names.account(0))
        }
        try await ServerRest(processID: options.serverProcessID, environment: stage.environment).wait()
        var answers: [SyncCalls.Answer] = []
        let initial = try await stage.timed(
            devices.count, showing: "first syncs", connectionCount: 1, serverProcessID: options.serverProcessID
        ) { caller, number in
            _ = try await caller.connection.send(calls.first(as: devices[number]))
        }
        // Read apart from the measuring, which is of the server.
        for device in devices {
            answers.append(
                try await stage.withCaller { try calls.parse(try await $0.connection.send(calls.first(as: device))) })
        }
        let position = answers[0].position
        let empty = try await stage.timed(
            options.emptyCount, showing: "syncs without news", connectionCount: 1,
            serverProcessID: options.serverProcessID
        ) { caller, _ in
            _ = try await caller.connection.send(calls.next(as: devices[0], since: position))
        }
        return InitialSyncReport(
            url: stage.target.url.description, options: options, initial: initial,
            byteCount: answers.map(\.byteCount).max() ?? 0,
            completeRoomCount: answers.map(\.completeRoomCount).min() ?? 0, empty: empty)
    }
}
