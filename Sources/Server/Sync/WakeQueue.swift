import Synchronization

/// Lets the syncs that something new concerns go on a few at a time, in the order in which they were woken.
///
/// A message to a room of a thousand live members makes a thousand answers. If all of them were begun at once, the next
/// message, to whatever room, would have to wait for the last of them. This way it waits for a few; and a sync whose
/// turn comes later answers with all that has come meanwhile, so that a server at its limit does less work, not more.
package final class WakeQueue: Sendable {
    package typealias Waiter = CheckedContinuation<WakeTurn, Never>

    private struct State {
        var turns = 0
        /// From ``first`` on those that wait for their turn; those before it have had it.
        var waiters: [Waiter] = []
        var first = 0

        mutating func next() -> Waiter? {
            guard first < waiters.count else {
                waiters.removeAll(keepingCapacity: first < 1_024)
                first = 0
                return nil
            }
            defer { first += 1 }
            return waiters[first]
        }
    }

    /// Enough to keep the cores busy while some of them read from the database.
    private let maximumTurns: Int
    private let state = Mutex(State())

    package init(maximumTurns: Int = 32) { self.maximumTurns = maximumTurns }

    func wake(_ waiters: some Collection<Waiter>) {
        guard !waiters.isEmpty else { return }
        let ready = state.withLock { state in
            state.waiters += waiters
            var ready: [Waiter] = []
            while state.turns < maximumTurns, let waiter = state.next() {
                state.turns += 1
                ready.append(waiter)
            }
            return ready
        }
        for waiter in ready { waiter.resume(returning: WakeTurn(queue: self)) }
    }

    /// Gives one turn on.
    fileprivate func finish() {
        let next = state.withLock { state in
            let next = state.next()
            if next == nil { state.turns -= 1 }
            return next
        }
        next?.resume(returning: WakeTurn(queue: self))
    }
}

/// What a woken sync holds until it has made its answer; whoever was woken by something else holds none.
package struct WakeTurn: Sendable {
    fileprivate let queue: WakeQueue?

    package var isHeld: Bool { queue != nil }

    package static let none = WakeTurn(queue: nil)

    /// To be called once.
    package func finish() { queue?.finish() }

    /// Makes an answer and finishes.
    ///
    /// What is likely to find nothing and to wait then, the first answer to a request, is made in a task of its own: a
    /// task keeps the deepest stack that it ever had, and a waiting sync is to keep little.
    package func hold<Result: Sendable>(
        _ answer: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        defer { finish() }
        if isHeld { return try await answer() }
        async let result = answer()
        return try await result
    }
}
