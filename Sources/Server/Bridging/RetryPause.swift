/// How long to wait before a service that cannot be reached is called again: each time twice as long, up to a bound.
///
/// https://spec.matrix.org/v1.19/application-service-api/#pushing-events
package struct RetryPause: Sendable, Equatable {
    package static let firstMilliseconds: Int64 = 1_000
    package static let longestMilliseconds: Int64 = 600_000

    package private(set) var failureCount = 0
    /// Milliseconds since 1970.
    package private(set) var retryAt: Int64 = 0

    package init() {}

    package func isOver(at now: Int64) -> Bool { retryAt <= now }

    package mutating func noteFailure(at now: Int64) {
        let pause = Self.firstMilliseconds << Int64(min(failureCount, 20))
        failureCount += 1
        retryAt = now + min(pause, Self.longestMilliseconds)
    }

    package mutating func reset() { self = RetryPause() }
}
