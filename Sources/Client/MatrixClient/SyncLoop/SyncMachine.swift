/// Decides what the sync loop does next. Knows no clock, no network and no store: it is told what happened.
package struct SyncMachine: Sendable, Equatable {
    package enum Action: Sendable, Equatable {
        /// Ask, and let the server wait so long for news.
        case request(SyncProgress, waitMilliseconds: Int64)
        /// Nothing before that much time has passed.
        case pause(milliseconds: Int64)
        /// The session is over.
        case end(isSoft: Bool)
    }

    package private(set) var progress: SyncProgress
    private var retry = RetrySchedule()
    private var pause: Int64?
    private var signedOut: Bool?
    /// Whether everything that waits was fetched, so that the server may keep us waiting.
    private var isCaughtUp = false
    /// Positions in a row that the server did not know.
    private var lostPositions = 0

    package static let waitMilliseconds: Int64 = 30_000
    private static let maximumLostPositions = 3

    package init(_ progress: SyncProgress) { self.progress = progress }

    package var next: Action {
        if let signedOut { return .end(isSoft: signedOut) }
        if let pause { return .pause(milliseconds: pause) }
        let waits = isCaughtUp && progress.position != nil
        return .request(progress, waitMilliseconds: waits ? Self.waitMilliseconds : 0)
    }

    /// The pause is over, or somebody wants to try at once.
    package mutating func resume() { pause = nil }

    /// What an answer says about the way on.
    package struct Outcome: Sendable, Equatable {
        package let position: String
        package var toDeviceSince: String?
        /// How many rooms there are; nil when the form has no lists.
        package var roomCount: Int?

        package init(position: String, toDeviceSince: String? = nil, roomCount: Int? = nil) {
            self.position = position
            self.toDeviceSince = toDeviceSince
            self.roomCount = roomCount
        }
    }

    /// - Returns: how far the sync has got with the answer, to be stored with it; ``succeeded(_:)`` is told afterwards.
    package func progress(after outcome: Outcome) -> SyncProgress {
        var next = progress
        next.position = outcome.position
        if let since = outcome.toDeviceSince { next.toDeviceSince = since }
        if let count = outcome.roomCount, count > next.window {
            next.window = min(SyncProgress.maximumWindow, max(count, next.window * 5))
        }
        return next
    }

    /// The answer was taken in and is durable.
    package mutating func succeeded(_ next: SyncProgress) {
        isCaughtUp = next.window == progress.window && progress.position != nil || next.form == .v3
        progress = next
        retry.reset()
        lostPositions = 0
    }

    /// - Parameter random: chance, for the delay.
    package mutating func failed(_ error: ClientError, random: UInt64) {
        isCaughtUp = false
        switch error.code {
        case .signedOut(let isSoft): signedOut = isSoft
        case .refused("M_UNKNOWN_POS") where progress.position != nil && lostPositions < Self.maximumLostPositions:
            lostPositions += 1
            progress.position = nil
        case .refused, .unsupported:
            if progress.position != nil, progress.form != .v3, error.code != .unsupported {
                // A position that the server cannot read; a new connection knows no position.
                progress.position = nil
                pause = retry.delay(random: random)
            } else if let form = progress.form.next {
                progress.form = form
                progress.position = nil
            } else {
                pause = retry.delay(random: random)
            }
        case .limited(let asked): pause = retry.delay(random: random, asked: asked)
        default: pause = retry.delay(random: random)
        }
    }
}

extension SyncForm {
    /// What to try when the server does not have this one.
    fileprivate var next: SyncForm? {
        switch self {
        // The accepted form has no unread counts, which know of muted rooms: so it comes second.
        case .slidingUnstable: .slidingV4
        case .slidingV4: .v3
        case .v3: nil
        }
    }
}
