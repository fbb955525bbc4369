import Synchronization

/// One value that changes, for any number of listeners. Each hears of the present value at once and then of changes;
/// whoever is slow misses those between, so nothing piles up.
final class Broadcast<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var listeners: [Int: AsyncStream<Value>.Continuation] = [:]
        var nextNumber = 0
        var isFinished = false
    }

    private let state: Mutex<State>

    init(_ value: Value) { state = Mutex(State(value: value)) }

    var value: Value { state.withLock { $0.value } }

    /// - Parameter keeping: stays alive as long as somebody listens.
    func stream(keeping: (any Sendable & AnyObject)? = nil) -> AsyncStream<Value> {
        let (stream, continuation) = AsyncStream.makeStream(of: Value.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { state in
            continuation.yield(state.value)
            guard !state.isFinished else { return continuation.finish() }
            let number = state.nextNumber
            state.nextNumber += 1
            state.listeners[number] = continuation
            continuation.onTermination = { [weak self] _ in
                withExtendedLifetime(keeping) { self?.remove(number) }
            }
        }
        return stream
    }

    private func remove(_ number: Int) { state.withLock { _ = $0.listeners.removeValue(forKey: number) } }

    func send(_ value: Value) {
        state.withLock { state in
            state.value = value
            for listener in state.listeners.values { listener.yield(value) }
        }
    }

    var hasListeners: Bool { state.withLock { !$0.listeners.isEmpty } }

    /// Says the last value and ends all streams.
    func finish(_ value: Value) {
        send(value)
        let listeners = state.withLock { state in
            state.isFinished = true
            defer { state.listeners = [:] }
            return state.listeners
        }
        for listener in listeners.values { listener.finish() }
    }
}

/// A bell: whoever waits is woken; rings while nobody waits are remembered as one.
final class Bell: Sendable {
    let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (rings, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func ring() { continuation.yield() }
}
