import NIOCore

/// The sending users of one event loop. Confined to it.
package final class SendCrew {
    package let eventLoop: any EventLoop
    package let schedule: SendSchedule
    package let journal: Journal?
    package let run: String
    package let isUntilDisconnected: Bool
    package let environment: BenchEnvironment

    package var tally = SendTally()
    private var activeCount = 0
    private let finished: EventLoopPromise<SendTally>

    /// A user's part: who sends to which room.
    package struct Part: Sendable {
        let number: Int
        let session: MatrixSession
        let roomID: String
    }

    /// Lets `parts` send on `eventLoop` until the schedule ends.
    package static func run(
        _ parts: [Part], on eventLoop: any EventLoop, stage: Stage, schedule: SendSchedule, options: SendOptions,
        journal: Journal?
    ) -> EventLoopFuture<SendTally> {
        let finished = eventLoop.makePromise(of: SendTally.self)
        eventLoop.execute {
            let crew = SendCrew(
                eventLoop: eventLoop, stage: stage, schedule: schedule,
                isUntilDisconnected: options.isUntilDisconnected, journal: journal, finished: finished)
            crew.start(parts, stage: stage)
        }
        return finished.futureResult
    }

    private init(
        eventLoop: any EventLoop, stage: Stage, schedule: SendSchedule, isUntilDisconnected: Bool, journal: Journal?,
        finished: EventLoopPromise<SendTally>
    ) {
        self.eventLoop = eventLoop
        self.schedule = schedule
        self.journal = journal
        self.isUntilDisconnected = isUntilDisconnected
        self.finished = finished
        run = stage.names.run
        environment = stage.environment
    }

    private func start(_ parts: [Part], stage: Stage) {
        activeCount = parts.count
        if parts.isEmpty { finished.succeed(tally) }
        for part in parts {
            SendingUser(part, crew: self, stage: stage).sendNext()
        }
    }

    package func userFinished() {
        activeCount -= 1
        if activeCount == 0 { finished.succeed(tally) }
    }
}
