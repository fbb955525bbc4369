import CanonicalJSON
import NIOCore

/// One member of the room who waits for messages in a loop of syncs. Confined to the crew's event loop.
package final class FanOutMember {
    private let requests: SyncRequests
    private let crew: FanOutMemberCrew
    private let connection: HTTPConnection
    private let polls: SyncPolls
    private var buffer = ByteBuffer()
    private var since: String?
    package private(set) var checker: DeliveryChecker

    private static let pollMilliseconds = 30_000
    private static let timeout = TimeAmount.seconds(60)

    package init(_ requests: SyncRequests, crew: FanOutMemberCrew, stage: Stage, senderCount: Int) {
        self.requests = requests
        polls = requests.polls(timeoutMilliseconds: Self.pollMilliseconds)
        self.crew = crew
        connection = HTTPConnection(
            connector: stage.connector, eventLoop: crew.eventLoop, environment: stage.environment)
        checker = DeliveryChecker(senderCount: senderCount)
    }

    /// Asks for what is new; the first time for what is there.
    package func sync() {
        let isFirst = since == nil
        if let since { polls.write(since: since, to: &buffer) } else { buffer = requests.firstSync() }
        connection.send(buffer, timeout: Self.timeout) { [self] result in
            let instant = crew.monotonicNanoseconds()
            guard let answer = usable(result, { SyncAnswer($0, roomID: requests.roomID) }, retry: { $0.sync() })
            else { return }
            record(answer.messages, at: instant, fromHistory: false)
            let before = since
            since = answer.nextBatch
            if let gap = answer.gapBefore, let before {
                crew.tally.gapCount += 1
                fillGap(from: gap, to: before)
            } else {
                sync()
            }
            if isFirst { crew.memberIsWaiting() }
            crew.memberAdvanced()
        }
    }

    package func stop() { connection.close() }

    /// Reads what a sync left out, as a client does that shows the whole conversation.
    private func fillGap(from: String, to: String) {
        connection.send(requests.history(from: from, to: to), timeout: Self.timeout) { [self] result in
            let instant = crew.monotonicNanoseconds()
            guard let answer = usable(result, HistoryAnswer.init, retry: { $0.fillGap(from: from, to: to) })
            else { return }
            let news = record(answer.messages, at: instant, fromHistory: true)
            // A server may answer beyond `to`: a page with nothing new is the end as well.
            if let end = answer.end, news > 0 || answer.messages.isEmpty {
                fillGap(from: end, to: to)
            } else {
                sync()
            }
            crew.memberAdvanced()
        }
    }

    /// - Returns: how many of the messages are new to this member.
    @discardableResult
    private func record(_ messages: [MessageMark], at instant: UInt64, fromHistory: Bool) -> Int {
        var news = 0
        for message in messages where message.run == crew.run {
            if fromHistory, checker.isDelivered(sender: message.sender, sequence: message.sequence) { continue }
            guard checker.record(sender: message.sender, sequence: message.sequence) == .first else { continue }
            news += 1
            crew.delivered(message, at: instant)
        }
        return news
    }

    /// What `read` makes of a good answer; else counts the error, calls `retry` after a pause and answers nil.
    private func usable<Answer>(
        _ result: Result<HTTPAnswer, BenchError>, _ read: (JSONValue?) -> Answer?,
        retry: @escaping (FanOutMember) -> Void
    ) -> Answer? {
        var pause = FailurePause.usual
        switch result {
        case .success(let answer) where answer.status == 200:
            if let answer = read(parse(answer.body)) { return answer }
            crew.tally.errors.record(BenchError(.unexpectedAnswer, "not an answer to a sync"))
        case .success(let answer):
            crew.tally.errors.record(status: answer.status)
            pause = FailurePause.after(answer)
        case .failure(let error):
            crew.tally.errors.record(error)
        }
        crew.eventLoop.assumeIsolated().scheduleTask(in: pause) { [self] in
            if !crew.isStopped { retry(self) }
        }
        return nil
    }
}
