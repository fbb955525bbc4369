/// What `send` is to do: users who each send a message as soon as the one before was acknowledged.
package struct SendOptions: ScenarioOptions, Equatable {
    /// When to stop.
    package enum Extent: Sendable, Equatable {
        case seconds(Double)
        /// Acknowledged messages of all users together, after the warm-up.
        case messages(Int)
    }

    package var userCount = 16
    /// All users in one room instead of each in their own.
    package var isOneRoom = false
    package var extent = Extent.seconds(10)
    /// Sending that is not measured, so that caches fill first.
    package var warmUpSeconds = 2.0
    /// Where to write down what was acknowledged.
    package var journalPath: String?
    /// A lost connection ends a user's part without being an error: the server was stopped on purpose.
    package var isUntilDisconnected = false

    package init() {}

    package func validate() throws(BenchError) {
        try require((1...10_000).contains(userCount), "--users must be between 1 and 10000")
        try require((0...600).contains(warmUpSeconds), "--warm-up must be between 0 and 600 seconds")
        switch extent {
        case .seconds(let seconds):
            try require(seconds > 0 && seconds <= 86_400, "--seconds must be more than 0 and at most 86400")
        case .messages(let count):
            try require((1...1_000_000_000).contains(count), "--count must be between 1 and 1000000000")
        }
        try require(journalPath != "", "--journal needs the name of a file")
    }
}
