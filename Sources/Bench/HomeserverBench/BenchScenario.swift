/// A load that can be played against any homeserver.
package protocol BenchScenario {
    associatedtype Options: ScenarioOptions
    associatedtype Report: BenchReport

    /// - Throws: ``BenchError`` when the options make no sense or the load cannot be played.
    static func run(_ options: Options, target: BenchTarget, environment: BenchEnvironment) async throws -> Report
}

/// What a scenario is to do.
package protocol ScenarioOptions: Sendable {
    /// Throws what is wrong with the first option that makes no sense.
    func validate() throws(BenchError)
}
