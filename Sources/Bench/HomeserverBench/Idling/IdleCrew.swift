import NIOCore

/// When the connections of one event loop were woken.
package struct IdleTally: Sendable {
    /// Instants of the run's monotonic clock, in nanoseconds.
    package var wakings: [UInt64] = []
    /// Syncs that were answered without the message, before it was sent or after.
    package var earlyCount = 0
    package var errors = ErrorTally()
}

/// The waiting connections of one event loop. Confined to it, except for ``Handle``.
package final class IdleCrew {
    /// One connection: the user's requests and where the user's sync had got to.
    package struct Part: Sendable {
        let number: Int
        let requests: SyncRequests
        let since: String
    }

    package static let pollMilliseconds = 600_000
    /// Connections being opened at a time. More would overflow the queue of a server's listener.
    private static let openingAtATime = 16

    package let eventLoop: any EventLoop
    package let run: String
    package var errors = ErrorTally()
    package var earlyCount = 0
    package private(set) var isStopped = false

    private let stage: Stage
    private var parts: ArraySlice<Part> = []
    private var connections: [IdleConnection] = []
    private var wakings: [UInt64] = []
    private var openCount = 0
    private var partCount = 0
    private let opened: EventLoopPromise<Void>
    private let allWoken: EventLoopPromise<Void>

    private init(
        eventLoop: any EventLoop, stage: Stage, opened: EventLoopPromise<Void>, allWoken: EventLoopPromise<Void>
    ) {
        self.eventLoop = eventLoop
        self.stage = stage
        self.opened = opened
        self.allWoken = allWoken
        run = stage.names.run
    }

    private func start(_ parts: [Part]) {
        self.parts = parts[...]
        partCount = parts.count
        if parts.isEmpty {
            opened.succeed()
            allWoken.succeed()
        }
        for _ in 0..<Self.openingAtATime { openNext() }
    }

    private func openNext() {
        guard let part = parts.popFirst() else { return }
        do {
            let connection = try IdleConnection(part, crew: self, stage: stage)
            connections.append(connection)
            connection.begin { [self] in
                openCount += 1
                if openCount == partCount { opened.succeed() }
                openNext()
            }
        } catch {
            opened.fail(error)
        }
    }

    package func woken() {
        wakings.append(stage.environment.monotonicNanoseconds())
        if wakings.count == partCount { allWoken.succeed() }
    }

    private func stop() -> IdleTally {
        isStopped = true
        for connection in connections { connection.stop() }
        connections = []
        allWoken.succeed()
        return IdleTally(wakings: wakings, earlyCount: earlyCount, errors: errors)
    }
}

extension IdleCrew {
    /// A crew for those who are not on its event loop.
    package struct Handle: Sendable {
        private let crew: NIOLoopBound<IdleCrew>
        private let eventLoop: any EventLoop
        /// When every connection's sync is on its way.
        let opened: EventLoopFuture<Void>
        /// When every connection has got the message, or ``stop()`` was called.
        let allWoken: EventLoopFuture<Void>

        init(_ parts: [Part], on eventLoop: any EventLoop, stage: Stage) async throws {
            let opened = eventLoop.makePromise(of: Void.self)
            let allWoken = eventLoop.makePromise(of: Void.self)
            crew = try await eventLoop.submit {
                let crew = IdleCrew(eventLoop: eventLoop, stage: stage, opened: opened, allWoken: allWoken)
                crew.start(parts)
                return NIOLoopBound(crew, eventLoop: eventLoop)
            }.get()
            self.eventLoop = eventLoop
            self.opened = opened.futureResult
            self.allWoken = allWoken.futureResult
        }

        /// Lets ``allWoken`` come in any case after as many seconds.
        func limitWaking(toSeconds seconds: Double) {
            eventLoop.scheduleTask(in: .nanoseconds(Int64(seconds * 1_000_000_000))) {
                crew.value.allWoken.succeed()
            }
        }

        func stop() async throws -> IdleTally {
            try await eventLoop.submit { crew.value.stop() }.get()
        }
    }
}
