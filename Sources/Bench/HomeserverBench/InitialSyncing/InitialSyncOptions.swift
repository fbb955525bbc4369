/// What `initial-sync` is to do: an account with many rooms signs in on a new device.
package struct InitialSyncOptions: ScenarioOptions, Equatable {
    package enum Kind: Sendable, Equatable {
        /// `GET /v3/sync`
        case classic
        /// Simplified sliding sync as clients send it today: the first window of the room list.
        case sliding
    }

    package var kind = Kind.classic
    package var roomCount = 500
    package var messagesPerRoom = 50
    /// First syncs that are measured, each of a device of its own.
    package var initialCount = 5
    /// Syncs after it with nothing new.
    package var emptyCount = 500
    package var serverProcessID: Int32?

    package init() {}

    package func validate() throws(BenchError) {
        try require((1...10_000).contains(roomCount), "--rooms must be between 1 and 10000")
        try require((1...1000).contains(messagesPerRoom), "--messages must be between 1 and 1000")
        try require((1...100).contains(initialCount), "--repeats must be between 1 and 100")
        try require((1...100_000).contains(emptyCount), "--empty must be between 1 and 100000")
    }
}
