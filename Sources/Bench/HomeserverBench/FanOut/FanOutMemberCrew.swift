import NIOCore

/// What members of one event loop have received.
package struct FanOutTally: Sendable {
    /// From the writing of the request to the arrival in a member's sync, of messages sent while measuring.
    package var latencies = LatencyHistogram()
    /// First deliveries while measuring, whenever they were sent.
    package var measuredCount = 0
    package var deliveredCount = 0
    /// Syncs that left messages out, which members then read from the history.
    package var gapCount = 0
    package var errors = ErrorTally()
    package var missingCount = 0
    package var twiceCount = 0
    package var foreignCount = 0

    package mutating func merge(_ other: FanOutTally) {
        latencies.merge(other.latencies)
        measuredCount += other.measuredCount
        deliveredCount += other.deliveredCount
        gapCount += other.gapCount
        errors.merge(other.errors)
        missingCount += other.missingCount
        twiceCount += other.twiceCount
        foreignCount += other.foreignCount
    }
}

/// The members of one event loop. Confined to it, except for ``Handle``.
package final class FanOutMemberCrew {
    package let eventLoop: any EventLoop
    package let run: String
    package let monotonicNanoseconds: @Sendable () -> UInt64
    package var tally = FanOutTally()
    package private(set) var isStopped = false

    private var members: [FanOutMember] = []
    private var waitingCount = 0
    private var window: MeasuringWindow?
    private var sent: [SentMessages]?
    private let ready: EventLoopPromise<Void>
    private let finished: EventLoopPromise<FanOutTally>

    /// When everything has come, how long to look out for what comes twice.
    private static let lookOut = TimeAmount.seconds(1)

    private init(
        eventLoop: any EventLoop, stage: Stage, ready: EventLoopPromise<Void>,
        finished: EventLoopPromise<FanOutTally>
    ) {
        self.eventLoop = eventLoop
        self.ready = ready
        self.finished = finished
        run = stage.names.run
        monotonicNanoseconds = stage.environment.monotonicNanoseconds
    }

    private func start(_ parts: [SyncRequests], stage: Stage, senderCount: Int) {
        members = parts.map { FanOutMember($0, crew: self, stage: stage, senderCount: senderCount) }
        if members.isEmpty { ready.succeed() }
        for member in members { member.sync() }
    }

    package func memberIsWaiting() {
        waitingCount += 1
        if waitingCount == members.count { ready.succeed() }
    }

    package func delivered(_ message: MessageMark, at instant: UInt64) {
        tally.deliveredCount += 1
        guard let window else { return }
        if window.contains(instant) { tally.measuredCount += 1 }
        if window.contains(message.sentNanoseconds) {
            tally.latencies.record(nanoseconds: max(instant, message.sentNanoseconds) - message.sentNanoseconds)
        }
    }

    /// A member has read an answer: perhaps it was the last that was awaited.
    package func memberAdvanced() {
        guard let sent, !isStopped, members.allSatisfy({ $0.checker.isComplete(for: sent) }) else { return }
        self.sent = nil
        eventLoop.assumeIsolated().scheduleTask(in: Self.lookOut) { [self] in stop(sent) }
    }

    private func expect(_ sent: [SentMessages], within drain: TimeAmount) {
        self.sent = sent
        eventLoop.assumeIsolated().scheduleTask(in: drain + Self.lookOut) { [self] in stop(sent) }
        memberAdvanced()
    }

    private func stop(_ sent: [SentMessages]) {
        guard !isStopped else { return }
        isStopped = true
        for member in members {
            member.stop()
            tally.missingCount += member.checker.missingCount(of: sent)
            tally.twiceCount += member.checker.twiceCount
            tally.foreignCount += member.checker.foreignCount
        }
        members = []
        finished.succeed(tally)
    }
}

extension FanOutMemberCrew {
    /// A crew for those who are not on its event loop.
    package struct Handle: Sendable {
        private let crew: NIOLoopBound<FanOutMemberCrew>
        private let eventLoop: any EventLoop
        /// When every member waits in a sync.
        let ready: EventLoopFuture<Void>
        /// When ``expect(_:withinSeconds:)`` has been fulfilled or its time is up.
        let finished: EventLoopFuture<FanOutTally>

        init(_ parts: [SyncRequests], on eventLoop: any EventLoop, stage: Stage, senderCount: Int) async throws {
            let ready = eventLoop.makePromise(of: Void.self)
            let finished = eventLoop.makePromise(of: FanOutTally.self)
            crew = try await eventLoop.submit {
                let crew = FanOutMemberCrew(eventLoop: eventLoop, stage: stage, ready: ready, finished: finished)
                crew.start(parts, stage: stage, senderCount: senderCount)
                return NIOLoopBound(crew, eventLoop: eventLoop)
            }.get()
            self.eventLoop = eventLoop
            self.ready = ready.futureResult
            self.finished = finished.futureResult
        }

        func measure(_ window: MeasuringWindow) {
            eventLoop.execute { crew.value.window = window }
        }

        /// Says what was sent in the end; ``finished`` follows when all of it has come, or after `seconds`.
        func expect(_ sent: [SentMessages], withinSeconds seconds: Double) {
            eventLoop.execute { crew.value.expect(sent, within: .nanoseconds(Int64(seconds * 1_000_000_000))) }
        }
    }
}
