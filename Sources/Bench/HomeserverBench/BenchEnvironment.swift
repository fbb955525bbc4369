/// What a benchmark takes from the outside world besides the network.
package struct BenchEnvironment: Sendable {
    /// Nanoseconds of a clock that never goes back; only differences mean something.
    package let monotonicNanoseconds: @Sendable () -> UInt64
    package let sleep: @Sendable (Duration) async throws -> Void
    package let progress: any ProgressDisplay

    package init(
        monotonicNanoseconds: @escaping @Sendable () -> UInt64,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        progress: any ProgressDisplay
    ) {
        self.monotonicNanoseconds = monotonicNanoseconds
        self.sleep = sleep
        self.progress = progress
    }
}

/// Shows how far a benchmark is; may be called from any thread.
package protocol ProgressDisplay: Sendable {
    /// Replaces what was shown before.
    func show(_ text: String)
    /// Takes away what was shown, before a report is printed.
    func clear()
}

/// Shows nothing.
package struct NoProgress: ProgressDisplay {
    package init() {}
    package func show(_ text: String) {}
    package func clear() {}
}
