/// What `register` is to do.
package struct RegisterOptions: ScenarioOptions, Equatable {
    package var userCount = 200
    /// Registrations under way at a time.
    package var connectionCount = 4
    package var serverProcessID: Int32?

    package init() {}

    package func validate() throws(BenchError) {
        try require((1...100_000).contains(userCount), "--users must be between 1 and 100000")
        try require((1...1000).contains(connectionCount), "--connections must be between 1 and 1000")
    }
}

/// How fast people can sign up.
package struct RegisterReport: BenchReport, Equatable {
    package let url: String
    package let calls: TimedCalls

    package var title: String { "register: \(calls.count) users, at \(url)" }

    package var rows: [ReportRow] {
        [
            ReportRow("users", key: "users", integer: calls.count),
            ReportRow(
                "registrations", key: "registrations_per_second", number: calls.perSecond, places: 1,
                unit: "per second"),
            processorRow("server time each", key: "server_milliseconds_per_registration", calls),
        ] + latencyRows(LatencySummary(calls.latencies), of: "latency", key: "")
    }

    package var failure: String? { nil }
}

/// Measures how fast people can sign up; most of it is the hashing of passwords, which is slow on purpose.
package enum RegisterScenario: BenchScenario {
    package static func run(
        _ options: RegisterOptions, target: BenchTarget, environment: BenchEnvironment
    ) async throws -> RegisterReport {
        try options.validate()
        return try await Stage.with(target, environment) { stage in
            let authentication = InteractiveAuthentication(registrationToken: target.registrationToken)
            let calls = try await stage.timed(
                options.userCount, showing: "registering users", connectionCount: options.connectionCount,
                serverProcessID: options.serverProcessID
            ) { caller, number in
                _ = try await caller.register(stage.names.account(number), with: authentication)
            }
            return RegisterReport(url: target.url.description, calls: calls)
        }
    }
}
