import CanonicalJSON

/// One person: a sync that waits all the time, and now and then a receipt for what it brought.
actor MixedPerson {
    private let session: MatrixSession
    private let stage: Stage
    private let window: MeasuringWindow
    /// The person's groups' numbers by their rooms.
    private let groups: [String: Int]
    private var generator: SplitMix64

    private(set) var checker: DeliveryChecker
    private(set) var latencies = LatencyHistogram()
    private(set) var receiptCount = 0
    private(set) var errors = ErrorTally()
    private var isOver = false

    /// People who look at their screens: so many of the messages that arrive are marked as read.
    private static let receiptShare = 0.3
    private static let pollMilliseconds = 5_000

    init(
        session: MatrixSession, groups: [String: Int], groupCount: Int, stage: Stage, window: MeasuringWindow,
        seed: UInt64
    ) {
        self.session = session
        self.groups = groups
        self.stage = stage
        self.window = window
        generator = SplitMix64(state: seed)
        checker = DeliveryChecker(senderCount: groupCount)
    }

    func end() { isOver = true }

    /// Whether everything that was sent to the person's groups has arrived.
    func hasAll(of sent: [SentMessages]) -> Bool { missingCount(of: sent) == 0 }

    func missingCount(of sent: [SentMessages]) -> Int {
        checker.missingCount(
            of: sent.indices.map { groups.values.contains($0) ? sent[$0] : SentMessages() })
    }

    /// Syncs until ``end()``.
    func follow() async throws {
        try await stage.withCaller { caller in
            var since: String?
            while await !isOver { since = try await sync(since: since, caller) }
        }
    }

    private func sync(since: String?, _ caller: MatrixCaller) async throws -> String? {
        let position = since.map { "&since=\(percentEncoded($0))" } ?? ""
        let timeout = since == nil ? 0 : Self.pollMilliseconds
        let request = stage.requests.request(
            .get, "/_matrix/client/v3/sync?filter=\(Self.filter)&timeout=\(timeout)\(position)",
            accessToken: session.accessToken)
        do {
            let answer = try await caller.connection.send(request)
            let instant = stage.environment.monotonicNanoseconds()
            guard answer.status == 200, let object = parse(answer.body)?.objectValue,
                let next = object["next_batch"]?.stringValue
            else {
                errors.record(status: answer.status)
                try await stage.environment.sleep(.seconds(1))
                return since
            }
            let rooms = object["rooms"]?.objectValue?["join"]?.objectValue ?? JSONObject()
            for member in rooms.members {
                let room = member.value.objectValue
                try await receive(room?["timeline"]?.objectValue?["events"], member.key, at: instant, caller)
            }
            return next
        } catch let error as BenchError {
            errors.record(error)
            try await stage.environment.sleep(.seconds(1))
            return since
        }
    }

    /// More than anybody writes between two syncs of the same person, so that nothing is left out.
    private static let filter = percentEncoded(
        #"{"room":{"timeline":{"limit":500},"state":{"lazy_load_members":true}}}"#)

    private func receive(
        _ events: JSONValue?, _ roomID: String, at instant: UInt64, _ caller: MatrixCaller
    ) async throws {
        var lastEventID: String?
        for event in events?.arrayValue ?? [] {
            let object = event.objectValue
            guard let text = object?["content"]?.objectValue?["body"]?.stringValue, let mark = MessageMark(text: text),
                mark.run == stage.names.run
            else { continue }
            lastEventID = object?["event_id"]?.stringValue
            guard checker.record(sender: mark.sender, sequence: mark.sequence) == .first else { continue }
            if window.contains(mark.sentNanoseconds) {
                latencies.record(nanoseconds: max(instant, mark.sentNanoseconds) - mark.sentNanoseconds)
            }
        }
        guard let lastEventID, Double.random(in: 0..<1, using: &generator) < Self.receiptShare else { return }
        let path =
            "/_matrix/client/v3/rooms/\(percentEncoded(roomID))/receipt/m.read/\(percentEncoded(lastEventID))"
        let answer = try await caller.answer(.post, path, accessToken: session.accessToken, body: [:])
        if answer.status == 200 { receiptCount += 1 } else { errors.record(status: answer.status) }
    }
}
