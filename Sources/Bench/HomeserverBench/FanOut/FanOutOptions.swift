/// What `fanout` is to do: a room whose members all wait for messages, and a few users who send them.
package struct FanOutOptions: ScenarioOptions, Equatable {
    package var memberCount = 100
    package var senderCount = 1
    /// Messages of all senders together; 0: each sends as soon as its last message was acknowledged.
    package var messagesPerSecond = 0.0
    package var seconds = 10.0
    /// Sending whose deliveries are checked but not measured.
    package var warmUpSeconds = 2.0
    /// How long to wait for the last deliveries after the last message.
    package var drainSeconds = 60.0

    package init() {}

    package func validate() throws(BenchError) {
        try require((1...10_000).contains(memberCount), "--members must be between 1 and 10000")
        try require((1...1000).contains(senderCount), "--senders must be between 1 and 1000")
        try require(
            messagesPerSecond >= 0 && messagesPerSecond <= 1_000_000, "--rate must be between 0 and 1000000")
        try require(seconds > 0 && seconds <= 86_400, "--seconds must be more than 0 and at most 86400")
        try require((0...600).contains(warmUpSeconds), "--warm-up must be between 0 and 600 seconds")
        try require((0...3600).contains(drainSeconds), "--drain must be between 0 and 3600 seconds")
    }
}
