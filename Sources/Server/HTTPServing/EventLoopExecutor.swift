import NIOCore
import Synchronization

/// Runs the requests' tasks on their connections' event loop, so that answering costs no change of thread.
///
/// An event loop looks at its sockets only when nothing is left to run. Tasks that start each other without end, as the
/// answers to a room of many live members do, would keep new requests waiting; so jobs run a few at a time, with a look
/// at the sockets in between.
final class EventLoopExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isScheduled = false
    }

    /// Less than a millisecond's work, and so much that looking at the sockets costs little beside it.
    private static let jobsBetweenLooks = 64
    /// A task that is due at once would be run without a look at the sockets; one that is due later has the event loop
    /// wait on them for so long at most.
    private static let pause = TimeAmount.microseconds(5)

    private let eventLoop: any EventLoop
    private let state = Mutex(State())

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustSchedule = state.withLock { state in
            state.jobs.append(job)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if mustSchedule { eventLoop.execute { self.run() } }
    }

    private func run() {
        var count = 0
        while count < Self.jobsBetweenLooks {
            let jobs = state.withLock { state in
                let jobs = state.jobs
                state.jobs = []
                if jobs.isEmpty { state.isScheduled = false }
                return jobs
            }
            guard !jobs.isEmpty else { return }
            for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
            count += jobs.count
        }
        eventLoop.scheduleTask(in: Self.pause) { self.run() }
    }
}
