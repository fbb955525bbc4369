import Dispatch
import Foundation
import Homeserver

/// The timers behind what a ``Homeserver`` has to do now and then.
final class Maintenance {
    private let timers: [any DispatchSourceTimer]
    private let hangup: any DispatchSourceSignal

    init(_ homeserver: Homeserver, certificates: Certificates) {
        // Without certificates too: whoever sends SIGHUP to every service does not mean to end this one.
        signal(SIGHUP, SIG_IGN)
        hangup = DispatchSource.makeSignalSource(signal: SIGHUP, queue: DispatchQueue(label: "naru.hangup"))
        hangup.setEventHandler { certificates.reload(onlyChanged: false) }
        timers = [
            Self.timer(label: "naru.waits", every: .milliseconds(100)) { homeserver.tick() },
            Self.timer(label: "naru.delayed-events", every: .milliseconds(200)) {
                if homeserver.hasDueEvents { Task { await homeserver.sendDueEvents() } }
            },
            Self.timer(label: "naru.housekeeping", every: .seconds(60)) { Task { await homeserver.housekeep() } },
            Self.timer(label: "naru.search", every: .seconds(1)) { Task { await homeserver.indexForSearch() } },
            Self.timer(label: "naru.checkpoints", every: .seconds(2)) { homeserver.checkpoint() },
            Self.timer(label: "naru.certificates", every: .seconds(60)) { certificates.reload(onlyChanged: true) },
        ]
    }

    func start() {
        for timer in timers { timer.resume() }
        hangup.resume()
    }

    func stop() {
        for timer in timers { timer.cancel() }
        hangup.cancel()
    }

    private static func timer(
        label: String, every interval: DispatchTimeInterval, _ body: @escaping @Sendable () -> Void
    ) -> any DispatchSourceTimer {
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: label))
        timer.schedule(deadline: .now() + interval, repeating: interval, leeway: .milliseconds(20))
        timer.setEventHandler(handler: body)
        return timer
    }
}
