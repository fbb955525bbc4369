import Primitives

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The outside world that a client may see: time and chance, given by whoever composes it.
public struct ClientEnvironment: Sendable {
    /// Milliseconds since 1970.
    public let now: @Sendable () -> Int64
    public let random: RandomSource
    /// Returns after the duration, or throws when the task is cancelled.
    public let sleep: @Sendable (Duration) async throws -> Void

    public init(
        now: @escaping @Sendable () -> Int64, random: RandomSource,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.random = random
        self.sleep = sleep
    }

    /// The device's own clock and chance, for applications.
    public static let system = ClientEnvironment(
        now: {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        }, random: .system, sleep: { try await Task.sleep(for: $0) })
}
