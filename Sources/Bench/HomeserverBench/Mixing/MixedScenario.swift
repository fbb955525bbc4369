/// Measures how a server does under ordinary chatter: groups of different sizes, typing, receipts, everybody waiting
/// for news.
package enum MixedScenario: BenchScenario {
    package static func run(
        _ options: MixedOptions, target: BenchTarget, environment: BenchEnvironment
    ) async throws -> MixedReport {
        try options.validate()
        try raiseOpenFileLimit(toHold: options.userCount + options.groupCount)
        return try await Stage.with(target, environment) { stage in
            let groups = MixedGroups(options, seed: target.seed)
            let sessions = try await stage.registerUsers(options.userCount)
            let roomIDs = try await stage.inParallel(options.groupCount, showing: "making groups") { caller, number in
                let members = groups.members[number].map { sessions[$0] }
                let roomID = try await caller.createRoom(as: members[0])
                for member in members.dropFirst() { try await caller.join(roomID, as: member) }
                return roomID
            }
            return try await chat(stage, options, groups: groups, sessions: sessions, roomIDs: roomIDs)
        }
    }

    private static func chat(
        _ stage: Stage, _ options: MixedOptions, groups: MixedGroups, sessions: [MatrixSession], roomIDs: [String]
    ) async throws -> MixedReport {
        let seed = stage.target.seed
        let window = MeasuringWindow(
            from: stage.environment.monotonicNanoseconds(), warmUpSeconds: options.warmUpSeconds,
            seconds: options.seconds)
        let persons = sessions.indices.map { number in
            let own = groups.members.indices.filter { groups.members[$0].contains(number) }
            return MixedPerson(
                session: sessions[number], groups: Dictionary(uniqueKeysWithValues: own.map { (roomIDs[$0], $0) }),
                groupCount: groups.members.count, stage: stage, window: window, seed: seed &+ UInt64(number))
        }
        let rate = options.messagesPerSecond / Double(options.groupCount)
        let chats = roomIDs.indices.map { number in
            MixedGroup(
                number: number, roomID: roomIDs[number], members: groups.members[number].map { sessions[$0] },
                stage: stage, rate: rate, seed: seed &* 31 &+ UInt64(number))
        }
        let watch = MixedWatch(processID: options.serverProcessID, environment: stage.environment)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for person in persons { tasks.addTask { try await person.follow() } }
            let watching = Task { try await watch.sample(until: window.until, count: 40) }
            stage.environment.progress.show("chatting for \(Int(options.warmUpSeconds + options.seconds)) s")
            try await withThrowingTaskGroup(of: Void.self) { chatting in
                for chat in chats { chatting.addTask { try await chat.chat(window) } }
                try await chatting.waitForAll()
            }
            try await watching.value
            try await drain(persons, await sent(by: chats), seconds: options.drainSeconds, stage)
            for person in persons { await person.end() }
            try await tasks.waitForAll()
        }
        return await report(stage, options, groups: groups, persons: persons, chats: chats, watch: watch)
    }

    private static func sent(by chats: [MixedGroup]) async -> [SentMessages] {
        var all: [SentMessages] = []
        for chat in chats { all.append(await chat.sent) }
        return all
    }

    /// Waits until everybody has everything, but not for ever.
    private static func drain(
        _ persons: [MixedPerson], _ sent: [SentMessages], seconds: Double, _ stage: Stage
    ) async throws {
        stage.environment.progress.show("waiting for the last deliveries")
        let limit = stage.environment.monotonicNanoseconds() + UInt64(seconds * 1_000_000_000)
        for person in persons {
            while await !person.hasAll(of: sent), stage.environment.monotonicNanoseconds() < limit {
                try await stage.environment.sleep(.milliseconds(50))
            }
        }
    }

    private static func report(
        _ stage: Stage, _ options: MixedOptions, groups: MixedGroups, persons: [MixedPerson], chats: [MixedGroup],
        watch: MixedWatch
    ) async -> MixedReport {
        var (delivery, sending, errors) = (LatencyHistogram(), LatencyHistogram(), ErrorTally())
        var (deliveries, missing, twice, receipts, typing) = (0, 0, 0, 0, 0)
        let sent = await sent(by: chats)
        for person in persons {
            delivery.merge(await person.latencies)
            errors.merge(await person.errors)
            receipts += await person.receiptCount
            let checker = await person.checker
            deliveries += checker.distinctCount
            twice += checker.twiceCount
            missing += await person.missingCount(of: sent)
        }
        for chat in chats {
            sending.merge(await chat.latencies)
            errors.merge(await chat.errors)
            typing += await chat.typingCount
        }
        return MixedReport(
            url: stage.target.url.description, options: options,
            groupMemberships: groups.members.reduce(0) { $0 + $1.count },
            sentCount: sent.reduce(0) { $0 + $1.count }, sendLatency: LatencySummary(sending),
            delivery: LatencySummary(delivery), deliveryCount: deliveries, missingCount: missing, twiceCount: twice,
            receiptCount: receipts, typingCount: typing, errors: errors, memorySamples: await watch.memorySamples,
            serverSeconds: await watch.serverSeconds, elapsedSeconds: await watch.elapsedSeconds)
    }
}

/// Looks at the server's process while people chat.
actor MixedWatch {
    private let processID: Int32?
    private let environment: BenchEnvironment
    private(set) var memorySamples: [Int] = []
    private(set) var serverSeconds: Double?
    private(set) var elapsedSeconds = 0.0

    init(processID: Int32?, environment: BenchEnvironment) {
        self.processID = processID
        self.environment = environment
    }

    /// Takes `count` samples of the server's memory at even distances until then.
    func sample(until end: UInt64, count: Int) async throws {
        let start = environment.monotonicNanoseconds()
        guard let processID, end > start else { return }
        let ticks = try Self.ticks(of: processID)
        let step = Duration.nanoseconds(Int64((end - start) / UInt64(count)))
        for _ in 0..<count {
            try await environment.sleep(step)
            try noteMemory(of: processID)
        }
        try finish(processID, startedAt: start, ticksBefore: ticks)
    }

    // Functions of their own: Swift 6.3.1 crashes on typed throws within a coroutine's loop.

    private static func ticks(of processID: Int32) throws -> Int { try ProcessFigures.processorTicks(of: processID) }

    private func noteMemory(of processID: Int32) throws {
        memorySamples.append(try ProcessFigures.memoryBytes(of: processID))
    }

    private func finish(_ processID: Int32, startedAt start: UInt64, ticksBefore: Int) throws {
        serverSeconds = Double(try Self.ticks(of: processID) - ticksBefore) / 100
        elapsedSeconds = Double(environment.monotonicNanoseconds() - start) / 1_000_000_000
    }
}
