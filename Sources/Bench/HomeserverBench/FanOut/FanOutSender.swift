import NIOCore

/// What one sender has done.
package struct FanOutSending: Sendable {
    package let number: Int
    package var sent = SentMessages()
    /// Acknowledged while measuring.
    package var measuredCount = 0
    /// From the writing of the request to its acknowledgement, of messages sent while measuring.
    package var latencies = LatencyHistogram()
    package var errors = ErrorTally()
}

/// One user who sends to the room, at a rate or as fast as messages are acknowledged. Confined to its event loop.
package final class FanOutSender {
    /// Where and how often to send; the same for all senders.
    package struct Plan: Sendable {
        let roomID: String
        /// From when to when; messages before the window warm up.
        let startNanoseconds: UInt64
        let window: MeasuringWindow
        let options: FanOutOptions

        package init(roomID: String, startNanoseconds: UInt64, window: MeasuringWindow, options: FanOutOptions) {
            self.roomID = roomID
            self.startNanoseconds = startNanoseconds
            self.window = window
            self.options = options
        }

        /// When the sender's message with this number is due, or nil when it need not wait.
        package func dueNanoseconds(sender: Int, sequence: Int) -> UInt64? {
            guard options.messagesPerSecond > 0 else { return nil }
            let before = Double(sequence * options.senderCount + sender)
            return startNanoseconds + UInt64(before / options.messagesPerSecond * 1_000_000_000)
        }
    }

    private let plan: Plan
    private let connection: HTTPConnection
    private let eventLoop: NIOIsolatedEventLoop
    private let template: MessageTemplate
    private let run: String
    private let monotonicNanoseconds: @Sendable () -> UInt64
    private let finished: EventLoopPromise<FanOutSending>
    private var sending: FanOutSending
    private var buffer = ByteBuffer()

    private static let timeout = TimeAmount.seconds(30)
    /// A message is tried again under its transaction id, so that it is still sent once.
    private static let mostTries = 10

    package static func run(
        _ number: Int, as session: MatrixSession, plan: Plan, on eventLoop: any EventLoop, stage: Stage
    ) -> EventLoopFuture<FanOutSending> {
        let finished = eventLoop.makePromise(of: FanOutSending.self)
        eventLoop.execute {
            FanOutSender(number, session, plan, eventLoop, stage, finished).sendNextWhenDue()
        }
        return finished.futureResult
    }

    private init(
        _ number: Int, _ session: MatrixSession, _ plan: Plan, _ eventLoop: any EventLoop, _ stage: Stage,
        _ finished: EventLoopPromise<FanOutSending>
    ) {
        self.plan = plan
        self.eventLoop = eventLoop.assumeIsolated()
        self.finished = finished
        sending = FanOutSending(number: number)
        run = stage.names.run
        monotonicNanoseconds = stage.environment.monotonicNanoseconds
        connection = HTTPConnection(
            connector: stage.connector, eventLoop: eventLoop, environment: stage.environment)
        let mark = MessageMark(run: run, sender: number, sequence: 0, sentNanoseconds: 0)
        template = MessageTemplate(
            requests: stage.requests, session: session, roomID: plan.roomID, textLength: mark.text.utf8.count)
    }

    private func sendNextWhenDue() {
        let instant = monotonicNanoseconds()
        let due = plan.dueNanoseconds(sender: sending.number, sequence: sending.sent.count) ?? instant
        guard max(due, instant) < plan.window.until else { return finish() }
        if due > instant {
            eventLoop.scheduleTask(in: .nanoseconds(Int64(due - instant))) { [self] in sendNext() }
        } else {
            sendNext()
        }
    }

    private func sendNext() {
        let mark = MessageMark(
            run: run, sender: sending.number, sequence: sending.sent.count,
            sentNanoseconds: monotonicNanoseconds())
        sending.sent.count += 1
        template.write(
            transactionID: "\(run)-\(mark.sender)-\(mark.sequence)", text: mark.text, to: &buffer)
        send(mark, triesLeft: Self.mostTries)
    }

    private func send(_ mark: MessageMark, triesLeft: Int) {
        connection.send(buffer, timeout: Self.timeout) { [self] result in
            let pause: TimeAmount
            switch result {
            case .success(let answer) where answer.status == 200:
                acknowledged(mark)
                return sendNextWhenDue()
            case .success(let answer):
                sending.errors.record(status: answer.status)
                pause = FailurePause.after(answer)
            case .failure(let error):
                sending.errors.record(error)
                pause = FailurePause.usual
            }
            guard triesLeft > 1 else {
                sending.sent.unacknowledged.insert(mark.sequence)
                return sendNextWhenDue()
            }
            eventLoop.scheduleTask(in: pause) { [self] in send(mark, triesLeft: triesLeft - 1) }
        }
    }

    private func acknowledged(_ mark: MessageMark) {
        let instant = monotonicNanoseconds()
        if plan.window.contains(instant) { sending.measuredCount += 1 }
        if plan.window.contains(mark.sentNanoseconds) {
            sending.latencies.record(nanoseconds: instant - mark.sentNanoseconds)
        }
    }

    private func finish() {
        connection.close()
        finished.succeed(sending)
    }
}
