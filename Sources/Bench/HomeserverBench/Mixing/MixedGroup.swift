/// One group: now and then somebody in it types and sends a message.
actor MixedGroup {
    private let number: Int
    private let roomID: String
    private let members: [MatrixSession]
    private let stage: Stage
    private let rate: Double
    private var generator: SplitMix64

    private(set) var sent = SentMessages()
    private(set) var latencies = LatencyHistogram()
    private(set) var typingCount = 0
    private(set) var errors = ErrorTally()

    private static let typingShare = 0.5

    /// - Parameter rate: messages a second on the average.
    init(number: Int, roomID: String, members: [MatrixSession], stage: Stage, rate: Double, seed: UInt64) {
        self.number = number
        self.roomID = roomID
        self.members = members
        self.stage = stage
        self.rate = rate
        generator = SplitMix64(state: seed)
    }

    /// Chats until the window ends. What is due while a message is on its way is sent right after it.
    func chat(_ window: MeasuringWindow) async throws {
        let clock = stage.environment.monotonicNanoseconds
        try await stage.withCaller { caller in
            var due = clock()
            while true {
                due += await pauseNanoseconds()
                guard due < window.until else { return }
                let instant = clock()
                if due > instant { try await stage.environment.sleep(.nanoseconds(Int64(due - instant))) }
                try await sendNext(caller, window)
            }
        }
    }

    private func pauseNanoseconds() -> UInt64 { UInt64(generator.nextArrival(rate: rate) * 1_000_000_000) }

    private func sendNext(_ caller: MatrixCaller, _ window: MeasuringWindow) async throws {
        let sender = members[Int.random(in: members.indices, using: &generator)]
        if Double.random(in: 0..<1, using: &generator) < Self.typingShare {
            try await type(as: sender, caller)
        }
        let mark = MessageMark(
            run: stage.names.run, sender: number, sequence: sent.count,
            sentNanoseconds: stage.environment.monotonicNanoseconds())
        sent.count += 1
        do {
            try await caller.send(mark, to: roomID, as: sender)
            let duration = stage.environment.monotonicNanoseconds() - mark.sentNanoseconds
            if window.contains(mark.sentNanoseconds) { latencies.record(nanoseconds: duration) }
        } catch let error as BenchError {
            sent.unacknowledged.insert(mark.sequence)
            errors.record(error)
        }
    }

    private func type(as member: MatrixSession, _ caller: MatrixCaller) async throws {
        let path =
            "/_matrix/client/v3/rooms/\(percentEncoded(roomID))/typing/\(percentEncoded(member.userID))"
        let answer = try await caller.answer(
            .put, path, accessToken: member.accessToken, body: ["typing": true, "timeout": 5000])
        if answer.status == 200 { typingCount += 1 } else { errors.record(status: answer.status) }
    }
}
