import CanonicalJSON
import NIOCore

/// One user who sends as soon as the last message was acknowledged. Confined to the crew's event loop.
package final class SendingUser {
    private let part: SendCrew.Part
    private let crew: SendCrew
    private let connection: HTTPConnection
    private let template: MessageTemplate
    private var buffer = ByteBuffer()
    private var sequence = 0
    private var failuresInARow = 0

    private static let timeout = TimeAmount.seconds(30)
    /// A server that is away for ten seconds is not waited for.
    private static let mostFailuresInARow = 100

    package init(_ part: SendCrew.Part, crew: SendCrew, stage: Stage) {
        self.part = part
        self.crew = crew
        connection = HTTPConnection(
            connector: stage.connector, eventLoop: crew.eventLoop, environment: stage.environment)
        let mark = MessageMark(run: crew.run, sender: part.number, sequence: 0, sentNanoseconds: 0)
        template = MessageTemplate(
            requests: stage.requests, session: part.session, roomID: part.roomID,
            textLength: mark.text.utf8.count)
    }

    package func sendNext() {
        let instant = crew.environment.monotonicNanoseconds()
        let decision = crew.schedule.decide(at: instant)
        guard decision != .stop else { return finish() }
        let mark = MessageMark(run: crew.run, sender: part.number, sequence: sequence, sentNanoseconds: instant)
        sequence += 1
        template.write(transactionID: transactionID(of: mark), text: mark.text, to: &buffer)
        connection.send(buffer, timeout: Self.timeout) { [self] result in
            answered(result, mark: mark, isMeasured: decision == .measure)
        }
    }

    private func transactionID(of mark: MessageMark) -> String { "\(mark.run)-\(mark.sender)-\(mark.sequence)" }

    private func answered(_ result: Result<HTTPAnswer, BenchError>, mark: MessageMark, isMeasured: Bool) {
        switch result {
        case .success(let answer) where answer.status == 200:
            acknowledged(answer, mark: mark, isMeasured: isMeasured)
            sendNext()
        case .success(let answer):
            crew.tally.errors.record(status: answer.status)
            goOn(after: FailurePause.after(answer), isMeasured: isMeasured)
        case .failure(let error):
            if crew.isUntilDisconnected, error.code == .disconnected || error.code == .cannotConnect {
                crew.tally.disconnectedCount += 1
                return finish()
            }
            crew.tally.errors.record(error)
            goOn(after: FailurePause.usual, isMeasured: isMeasured)
        }
    }

    private func acknowledged(_ answer: HTTPAnswer, mark: MessageMark, isMeasured: Bool) {
        let instant = crew.environment.monotonicNanoseconds()
        failuresInARow = 0
        crew.tally.acknowledgedCount += 1
        if isMeasured {
            crew.tally.latencies.record(nanoseconds: instant - mark.sentNanoseconds)
            // What was begun in time but acknowledged later has a latency, but is not part of the rate.
            if instant < crew.schedule.measuringUntil ?? .max {
                crew.tally.measuredCount += 1
                crew.tally.lastAcknowledgement = instant
            }
        }
        guard let journal = crew.journal else { return }
        let eventID = parse(answer.body)?.objectValue?["event_id"]?.stringValue ?? ""
        journal.append(
            .acknowledged(
                roomID: part.roomID, transactionID: transactionID(of: mark), eventID: eventID, text: mark.text))
    }

    private func goOn(after pause: TimeAmount, isMeasured: Bool) {
        if isMeasured { crew.schedule.giveBack() }
        failuresInARow += 1
        guard failuresInARow < Self.mostFailuresInARow else { return finish() }
        crew.eventLoop.assumeIsolated().scheduleTask(in: pause) { [self] in sendNext() }
    }

    private func finish() {
        connection.close()
        crew.userFinished()
    }
}
