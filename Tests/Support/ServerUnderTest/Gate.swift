import Dispatch
import Synchronization

/// Holds up a thread until the test lets it go on.
public final class Gate: Sendable {
    private let isReached = Atomic(false)
    private let opened = DispatchSemaphore(value: 0)

    public init() {}

    /// On the thread that is to be held up.
    public func wait() {
        isReached.store(true, ordering: .releasing)
        opened.wait()
    }

    /// In the test: until the thread stands at the gate.
    public func waitUntilReached() async {
        while !isReached.load(ordering: .acquiring) { await Task.yield() }
    }

    public func open() { opened.signal() }
}

/// Counts what several threads do.
public final class Counter: Sendable {
    private let count = Atomic(0)

    public init() {}

    public var value: Int { count.load(ordering: .acquiring) }

    public func increase() { count.wrappingAdd(1, ordering: .acquiringAndReleasing) }
}
