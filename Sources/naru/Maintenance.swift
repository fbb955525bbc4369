import Accounts
import Dispatch
import HomeserverStore
import Logging
import Rooms
import Sync

/// What has to happen now and then, for everybody at once: a timer for each user would cost memory for each.
final class Maintenance {
    private let quick: any DispatchSourceTimer
    private let slow: any DispatchSourceTimer
    private let checkpoints: any DispatchSourceTimer

    init(
        accounts: AccountService, rooms: RoomService, sync: SyncService, database: any HomeserverDatabase,
        logger: Logger
    ) {
        quick = Self.timer(label: "naru.waits", every: .milliseconds(100)) {
            sync.expireWaits()
            rooms.typing.expire()
        }
        slow = Self.timer(label: "naru.housekeeping", every: .seconds(60)) {
            sync.forgetUnused()
            Task {
                do {
                    try await accounts.flushLastSeen()
                    try await rooms.evictUnusedRooms()
                } catch {
                    logger.warning("housekeeping failed", metadata: ["error": "\(error)"])
                }
            }
        }
        checkpoints = Self.timer(label: "naru.checkpoints", every: .seconds(2)) {
            do {
                try database.checkpoint()
            } catch {
                logger.warning("a checkpoint failed", metadata: ["error": "\(error)"])
            }
        }
    }

    func start() { for timer in [quick, slow, checkpoints] { timer.resume() } }

    func stop() { for timer in [quick, slow, checkpoints] { timer.cancel() } }

    private static func timer(
        label: String, every interval: DispatchTimeInterval, _ body: @escaping @Sendable () -> Void
    ) -> any DispatchSourceTimer {
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: label))
        timer.schedule(deadline: .now() + interval, repeating: interval, leeway: .milliseconds(20))
        timer.setEventHandler(handler: body)
        return timer
    }
}
