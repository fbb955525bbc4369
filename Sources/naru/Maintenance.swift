import Dispatch
import Homeserver

/// The timers behind what a ``Homeserver`` has to do now and then.
final class Maintenance {
    private let timers: [any DispatchSourceTimer]

    init(_ homeserver: Homeserver) {
        timers = [
            Self.timer(label: "naru.waits", every: .milliseconds(100)) { homeserver.tick() },
            Self.timer(label: "naru.housekeeping", every: .seconds(60)) { Task { await homeserver.housekeep() } },
            Self.timer(label: "naru.search", every: .seconds(1)) { Task { await homeserver.indexForSearch() } },
            Self.timer(label: "naru.checkpoints", every: .seconds(2)) { homeserver.checkpoint() },
        ]
    }

    func start() { for timer in timers { timer.resume() } }

    func stop() { for timer in timers { timer.cancel() } }

    private static func timer(
        label: String, every interval: DispatchTimeInterval, _ body: @escaping @Sendable () -> Void
    ) -> any DispatchSourceTimer {
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: label))
        timer.schedule(deadline: .now() + interval, repeating: interval, leeway: .milliseconds(20))
        timer.setEventHandler(handler: body)
        return timer
    }
}
