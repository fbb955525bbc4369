/// Waits until the server has nothing more to do, so that its memory can be compared.
package struct ServerRest: Sendable {
    package let processID: Int32?
    package let environment: BenchEnvironment

    private static let interval = Duration.milliseconds(500)
    /// Processor time in an interval that counts as rest: 5 % of one core, in hundredths of a second.
    private static let restingTicks = 2
    private static let intervalsInARow = 4
    private static let longest = Duration.seconds(180)
    /// How long to wait when the server's process is unknown.
    private static let blindWait = Duration.seconds(5)

    package func wait() async throws {
        guard let processID else { return try await environment.sleep(Self.blindWait) }
        var waited = Duration.zero
        var calmIntervals = 0
        var before = try ProcessFigures.processorTicks(of: processID)
        while calmIntervals < Self.intervalsInARow, waited < Self.longest {
            try await environment.sleep(Self.interval)
            waited += Self.interval
            let after = try ProcessFigures.processorTicks(of: processID)
            calmIntervals = after - before <= Self.restingTicks ? calmIntervals + 1 : 0
            before = after
        }
    }
}
