import CanonicalJSON

/// What `history` is to do.
package struct HistoryOptions: ScenarioOptions, Equatable {
    package var messageCount = 10_000
    /// Events asked for at a time.
    package var pageLength = 100
    package var serverProcessID: Int32?

    package init() {}

    package func validate() throws(BenchError) {
        try require((1...1_000_000).contains(messageCount), "--messages must be between 1 and 1000000")
        try require((1...1000).contains(pageLength), "--page must be between 1 and 1000")
    }
}

/// How fast somebody can scroll back.
package struct HistoryReport: BenchReport, Equatable {
    package let url: String
    package let options: HistoryOptions
    package let pages: TimedCalls
    /// Messages that were read, each once and the latest first.
    package let readCount: Int
    package let isInOrder: Bool

    package var title: String { "history: \(options.messageCount) messages of one room, read back, at \(url)" }

    package var rows: [ReportRow] {
        [
            ReportRow("pages", key: "pages", integer: pages.count),
            ReportRow("messages read", key: "read_messages", integer: readCount),
            ReportRow(
                "messages", key: "messages_per_second", number: Double(readCount) / max(pages.seconds, 1e-9), places: 1,
                unit: "per second"),
            processorRow("server time for a page", key: "server_milliseconds_per_page", pages),
        ] + latencyRows(LatencySummary(pages.latencies), of: "page", key: "page_")
    }

    package var failure: String? {
        guard readCount == options.messageCount else {
            return "\(readCount) of \(options.messageCount) messages were read"
        }
        return isInOrder ? nil : "the messages were not in order"
    }
}

/// Measures how fast a room's history is read, from the latest event to the first.
package enum HistoryScenario: BenchScenario {
    package static func run(
        _ options: HistoryOptions, target: BenchTarget, environment: BenchEnvironment
    ) async throws -> HistoryReport {
        try options.validate()
        return try await Stage.with(target, environment) { stage in
            let owner = try await stage.registerUsers(1)[0]
            let roomID = try await stage.withCaller { try await $0.createRoom(as: owner) }
            // One connection: the messages are to have an order.
            _ = try await stage.inParallel(options.messageCount, showing: "sending", connectionCount: 1) {
                caller, number in
                let mark = MessageMark(
                    run: stage.names.run, sender: 0, sequence: number,
                    sentNanoseconds: environment.monotonicNanoseconds())
                try await caller.send(mark, to: roomID, as: owner)
            }
            try await ServerRest(processID: options.serverProcessID, environment: environment).wait()
            return try await stage.withCaller { try await read(roomID, as: owner, options, stage, $0) }
        }
    }

    private static func read(
        _ roomID: String, as owner: MatrixSession, _ options: HistoryOptions, _ stage: Stage, _ caller: MatrixCaller
    ) async throws -> HistoryReport {
        let path = "/_matrix/client/v3/rooms/\(percentEncoded(roomID))/messages?dir=b&limit=\(options.pageLength)"
        let clock = stage.environment.monotonicNanoseconds
        let ticks = try options.serverProcessID.map { id throws(BenchError) in
            try ProcessFigures.processorTicks(of: id)
        }
        var pages = TimedCalls()
        var sequences: [Int] = []
        var from: String?
        repeat {
            let request = stage.requests.request(
                .get, path + (from.map { "&from=\(percentEncoded($0))" } ?? ""), accessToken: owner.accessToken)
            let begin = clock()
            let answer = try await caller.connection.send(request)
            let duration = clock() - begin
            pages.latencies.record(nanoseconds: duration)
            pages.seconds += Double(duration) / 1_000_000_000
            guard answer.status == 200, let page = HistoryAnswer(parse(answer.body)) else {
                throw BenchError(
                    .unexpectedAnswer, "GET /messages was answered \(answer.status): \(errorText(parse(answer.body)))")
            }
            sequences += page.messages.map(\.sequence)
            from = page.end
            stage.environment.progress.show("reading back: \(sequences.count) of \(options.messageCount)")
        } while from != nil
        if let id = options.serverProcessID, let ticks {
            pages.serverSeconds = Double(try ProcessFigures.processorTicks(of: id) - ticks) / 100
        }
        let isInOrder = sequences == Array((0..<options.messageCount).reversed())
        return HistoryReport(
            url: stage.target.url.description, options: options, pages: pages, readCount: sequences.count,
            isInOrder: isInOrder)
    }
}
