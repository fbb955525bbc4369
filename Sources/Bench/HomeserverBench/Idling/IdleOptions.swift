/// What `idle` is to do: syncs that wait, and one message that wakes them all.
package struct IdleOptions: ScenarioOptions, Equatable {
    package var connectionCount = 1000
    /// Connections are dealt out among so many users, who share one room.
    package var userCount = 20
    /// The server's process on this machine, to read its memory.
    package var serverProcessID: Int32?
    /// How long to wait for the last connection to be woken.
    package var wakeLimitSeconds = 60.0

    package init() {}

    package func validate() throws(BenchError) {
        try require((1...1_000_000).contains(connectionCount), "--connections must be between 1 and 1000000")
        try require((1...10_000).contains(userCount), "--users must be between 1 and 10000")
        try require(
            userCount <= connectionCount, "--users must not be more than --connections, or some would have none")
        if let serverProcessID { try require(serverProcessID > 0, "--server-pid must be the number of a process") }
        try require(wakeLimitSeconds > 0 && wakeLimitSeconds <= 3600, "--wake-limit must be at most 3600 seconds")
    }
}
