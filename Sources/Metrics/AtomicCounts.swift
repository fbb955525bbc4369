import Synchronization

/// A row of counts that many threads increase without a lock.
public final class AtomicCounts: @unchecked Sendable {
    // The pointer never changes until nobody has the object any more, and what it points at is atomic.
    private let counts: UnsafeMutablePointer<Atomic<Int64>>
    public let count: Int

    public init(count: Int) {
        self.count = count
        counts = .allocate(capacity: count)
        for index in 0..<count { (counts + index).initialize(to: Atomic(0)) }
    }

    deinit {
        counts.deinitialize(count: count)
        counts.deallocate()
    }

    public func add(_ number: Int64, at index: Int) {
        precondition(index >= 0 && index < count, "a row of \(count) counts has no number \(index)")
        counts[index].wrappingAdd(number, ordering: .relaxed)
    }

    public subscript(index: Int) -> Int64 {
        precondition(index >= 0 && index < count, "a row of \(count) counts has no number \(index)")
        return counts[index].load(ordering: .relaxed)
    }
}
