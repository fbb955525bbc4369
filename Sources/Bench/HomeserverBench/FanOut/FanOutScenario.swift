import NIOCore

/// Measures how fast messages reach those who wait for them, and that each reaches everyone exactly once.
package enum FanOutScenario: BenchScenario {
    package static func run(_ options: FanOutOptions, target: BenchTarget, environment: BenchEnvironment) async throws
        -> FanOutReport
    {
        try options.validate()
        try raiseOpenFileLimit(toHold: options.memberCount + options.senderCount)
        return try await Stage.with(target, environment) { stage in
            let (senders, members) = try await prepare(stage, options)
            let crews = try await startMembers(members, stage, options)
            let start = environment.monotonicNanoseconds()
            let window = MeasuringWindow(
                from: start, warmUpSeconds: options.warmUpSeconds, seconds: options.seconds)
            for crew in crews { crew.measure(window) }
            let plan = FanOutSender.Plan(
                roomID: members[0].roomID, startNanoseconds: start, window: window, options: options)
            let sendings = try await send(plan, senders, stage)
            environment.progress.show("waiting for the last deliveries")
            var tally = FanOutTally()
            for crew in crews { crew.expect(sendings.map(\.sent), withinSeconds: options.drainSeconds) }
            for crew in crews { tally.merge(try await crew.finished.get()) }
            return FanOutReport(
                target: target, options: options, window: window, sendings: sendings, tally: tally)
        }
    }

    /// Registers everyone, and brings them into one room: first the senders, then the members.
    private static func prepare(_ stage: Stage, _ options: FanOutOptions) async throws
        -> (senders: [MatrixSession], members: [SyncRequests])
    {
        let sessions = try await stage.registerUsers(options.senderCount + options.memberCount)
        let roomID = try await stage.withCaller { try await $0.createRoom(as: sessions[0]) }
        try await stage.joinRoom(roomID, sessions.dropFirst())
        let members = try await stage.syncRequests(for: Array(sessions.dropFirst(options.senderCount)), in: roomID)
        return (Array(sessions.prefix(options.senderCount)), members)
    }

    private static func startMembers(_ members: [SyncRequests], _ stage: Stage, _ options: FanOutOptions) async throws
        -> [FanOutMemberCrew.Handle]
    {
        stage.environment.progress.show("members begin to wait")
        var crews: [FanOutMemberCrew.Handle] = []
        for share in stage.deal(members) {
            crews.append(
                try await FanOutMemberCrew.Handle(
                    share.share.map(\.item), on: share.eventLoop, stage: stage, senderCount: options.senderCount))
        }
        for crew in crews { try await crew.ready.get() }
        // The last polls are written but perhaps not read yet.
        try await stage.environment.sleep(.milliseconds(500))
        return crews
    }

    private static func send(_ plan: FanOutSender.Plan, _ senders: [MatrixSession], _ stage: Stage) async throws
        -> [FanOutSending]
    {
        stage.environment.progress.show("sending")
        let running = stage.deal(senders).flatMap { share in
            share.share.map { number, session in
                FanOutSender.run(number, as: session, plan: plan, on: share.eventLoop, stage: stage)
            }
        }
        var sendings: [FanOutSending] = []
        for sender in running { sendings.append(try await sender.get()) }
        return sendings.sorted { $0.number < $1.number }
    }
}

extension Stage {
    /// Stores each user's filter for the room.
    package func syncRequests(for sessions: [MatrixSession], in roomID: String) async throws -> [SyncRequests] {
        try await inParallel(sessions.count, showing: "storing filters") { caller, number in
            SyncRequests(
                session: sessions[number], roomID: roomID,
                filter: try await caller.storeFilter(SyncRequests.filter(roomID: roomID), as: sessions[number]),
                requests: requests)
        }
    }
}
