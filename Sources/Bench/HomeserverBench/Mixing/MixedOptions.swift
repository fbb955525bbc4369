/// What `mixed` is to do: people chat in groups, as they do.
package struct MixedOptions: ScenarioOptions, Equatable {
    package var userCount = 200
    package var groupCount = 60
    /// Messages of all groups together; each group's come as a Poisson process.
    package var messagesPerSecond = 50.0
    package var seconds = 60.0
    package var warmUpSeconds = 5.0
    /// How long to wait for the last deliveries.
    package var drainSeconds = 30.0
    package var serverProcessID: Int32?

    /// The smallest and the largest group; sizes between are the rarer the larger.
    package static let groupSizes = 2...50

    package init() {}

    package func validate() throws(BenchError) {
        try require((2...10_000).contains(userCount), "--users must be between 2 and 10000")
        try require((1...10_000).contains(groupCount), "--groups must be between 1 and 10000")
        try require(
            messagesPerSecond > 0 && messagesPerSecond <= 100_000, "--rate must be more than 0 and at most 100000")
        try require(seconds > 0 && seconds <= 86_400, "--seconds must be more than 0 and at most 86400")
        try require((0...600).contains(warmUpSeconds), "--warm-up must be between 0 and 600 seconds")
        try require((0...3600).contains(drainSeconds), "--drain must be between 0 and 3600 seconds")
    }
}

/// Who is in which group.
package struct MixedGroups: Sendable, Equatable {
    /// The numbers of each group's members, the one who makes the room first.
    package let members: [[Int]]

    /// - Parameter seed: the same seed gives the same groups.
    package init(_ options: MixedOptions, seed: UInt64) {
        var generator = SplitMix64(state: seed ^ 0x6D69_7865_6400_0000)
        let largest = min(MixedOptions.groupSizes.upperBound, options.userCount)
        members = (0..<options.groupCount).map { _ in
            let size = Self.size(upTo: largest, &generator)
            return Array((0..<options.userCount).shuffled(using: &generator).prefix(size))
        }
    }

    /// Every doubling of the size is as likely as the next: 2–4, 4–8, 8–16 …
    private static func size(upTo largest: Int, _ generator: inout SplitMix64) -> Int {
        var doublings: [ClosedRange<Int>] = []
        var low = MixedOptions.groupSizes.lowerBound
        while low <= largest {
            doublings.append(low...min(low * 2 - 1, largest))
            low *= 2
        }
        return Int.random(in: doublings.randomElement(using: &generator) ?? 2...2, using: &generator)
    }
}

extension SplitMix64 {
    /// The time to the next event of a Poisson process, in seconds.
    ///
    /// - Parameter rate: events a second on the average.
    package mutating func nextArrival(rate: Double) -> Double {
        // Never 0, whose logarithm is infinite.
        let uniform = Double(next() >> 11 | 1) * 0x1p-53
        return -naturalLogarithm(uniform) / rate
    }
}
