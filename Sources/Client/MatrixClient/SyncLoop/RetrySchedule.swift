/// How long to wait before trying again: longer each time, and not all clients at once.
package struct RetrySchedule: Sendable, Equatable {
    package private(set) var failures = 0

    package static let firstDelayMilliseconds: Int64 = 1_000
    package static let maximumDelayMilliseconds: Int64 = 60_000

    package init() {}

    package mutating func reset() { failures = 0 }

    /// - Parameters:
    ///   - random: chance, for the jitter.
    ///   - asked: what the server asks for.
    /// - Returns: milliseconds; between half of the full delay and all of it, and never less than the server asks for.
    package mutating func delay(random: UInt64, asked: Int64? = nil) -> Int64 {
        let full = min(Self.maximumDelayMilliseconds, Self.firstDelayMilliseconds << Int64(min(failures, 16)))
        failures += 1
        let jittered = full / 2 + Int64(random % UInt64(full / 2 + 1))
        return max(jittered, min(max(0, asked ?? 0), 3_600_000))
    }
}
