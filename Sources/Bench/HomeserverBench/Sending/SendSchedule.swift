import Synchronization

/// When messages are sent and which of them count; shared by all users of a run.
///
/// Instants are nanoseconds of the run's monotonic clock.
package final class SendSchedule: Sendable {
    /// Messages whose sending begins from here on are measured.
    package let measuringFrom: UInt64
    /// Nothing is begun from here on, nor counted; nil when a number of messages ends the run.
    package let measuringUntil: UInt64?
    /// Messages that may still be begun, for a run that ends by number.
    private let budget: Atomic<Int>

    package enum Decision: Equatable {
        case warmUp
        case measure
        case stop
    }

    package init(from instant: UInt64, options: SendOptions) {
        measuringFrom = instant + UInt64(options.warmUpSeconds * 1_000_000_000)
        switch options.extent {
        case .seconds(let seconds):
            measuringUntil = measuringFrom + UInt64(seconds * 1_000_000_000)
            budget = Atomic(0)
        case .messages(let count):
            measuringUntil = nil
            budget = Atomic(count)
        }
    }

    /// What to do with a message that would be begun at `instant`.
    package func decide(at instant: UInt64) -> Decision {
        if instant < measuringFrom { return .warmUp }
        if let measuringUntil { return instant < measuringUntil ? .measure : .stop }
        if budget.subtract(1, ordering: .relaxed).newValue >= 0 { return .measure }
        budget.add(1, ordering: .relaxed)
        return .stop
    }

    /// Takes back the ``Decision/measure`` of a message that was not acknowledged.
    package func giveBack() {
        if measuringUntil == nil { budget.add(1, ordering: .relaxed) }
    }
}

/// What users of one event loop have achieved.
package struct SendTally: Sendable {
    package var latencies = LatencyHistogram()
    /// Messages begun and acknowledged while measuring.
    package var measuredCount = 0
    /// All that were acknowledged, those of the warm-up as well.
    package var acknowledgedCount = 0
    package var errors = ErrorTally()
    package var lastAcknowledgement: UInt64 = 0
    /// Users whose connection was lost in a run that waits for that.
    package var disconnectedCount = 0

    package mutating func merge(_ other: SendTally) {
        latencies.merge(other.latencies)
        measuredCount += other.measuredCount
        acknowledgedCount += other.acknowledgedCount
        errors.merge(other.errors)
        lastAcknowledgement = max(lastAcknowledgement, other.lastAcknowledgement)
        disconnectedCount += other.disconnectedCount
    }
}
