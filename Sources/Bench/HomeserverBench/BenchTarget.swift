/// The server to measure and how to come to users on it.
package struct BenchTarget: Sendable {
    package let url: ServerURL
    /// Gives the names and passwords of the users: the same seed, the same users.
    package let seed: UInt64
    /// For servers that register only those who have one.
    package let registrationToken: String?
    /// Threads that send and receive.
    package let eventLoopCount: Int

    package init(url: ServerURL, seed: UInt64, registrationToken: String? = nil, eventLoopCount: Int)
        throws(BenchError)
    {
        try require((1...64).contains(eventLoopCount), "--event-loops must be between 1 and 64")
        self.url = url
        self.seed = seed
        self.registrationToken = registrationToken
        self.eventLoopCount = eventLoopCount
    }
}

/// Throws what is wrong with an option unless `condition` holds.
package func require(_ condition: Bool, _ complaint: String) throws(BenchError) {
    guard condition else { throw BenchError(.invalidOption, complaint) }
}
