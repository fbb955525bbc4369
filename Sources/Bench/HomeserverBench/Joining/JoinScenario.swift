/// What `join-large` is to do.
package struct JoinOptions: ScenarioOptions, Equatable {
    /// Sizes of the room at which joining is measured.
    package var sizes = [10, 100, 1000, 10_000]
    /// Joins that are measured at each size, or as many as the room had before.
    package var sampleCount = 200
    package var serverProcessID: Int32?

    package init() {}

    package func validate() throws(BenchError) {
        try require(
            !sizes.isEmpty && sizes.allSatisfy { (2...100_000).contains($0) } && sizes == sizes.sorted(),
            "--sizes must be numbers between 2 and 100000, the smallest first")
        try require((1...10_000).contains(sampleCount), "--sample must be between 1 and 10000")
    }
}

/// What joining costs by the size of the room.
package struct JoinReport: BenchReport, Equatable {
    package struct Size: Sendable, Equatable {
        package let memberCount: Int
        package let joins: TimedCalls
    }

    package let url: String
    package let sizes: [Size]

    package var title: String { "join-large: joining a room that grows, at \(url)" }

    package var rows: [ReportRow] {
        sizes.flatMap { size in
            let summary = LatencySummary(size.joins.latencies)
            let key = "join_\(size.memberCount)_"
            return [
                ReportRow(
                    "to \(size.memberCount) members: p50", key: key + "p50_milliseconds", number: summary.p50,
                    places: 3,
                    unit: "ms"),
                ReportRow(
                    "to \(size.memberCount) members: p99", key: key + "p99_milliseconds", number: summary.p99,
                    places: 3,
                    unit: "ms"),
                processorRow(
                    "to \(size.memberCount) members: server time", key: key + "server_milliseconds", size.joins),
            ]
        }
    }

    package var failure: String? { nil }
}

/// Measures whether joining a room costs more the more are in it.
package enum JoinScenario: BenchScenario {
    package static func run(
        _ options: JoinOptions, target: BenchTarget, environment: BenchEnvironment
    ) async throws -> JoinReport {
        try options.validate()
        return try await Stage.with(target, environment) { stage in
            let sessions = try await stage.registerUsers(options.sizes.last ?? 0)
            let roomID = try await stage.withCaller { try await $0.createRoom(as: sessions[0]) }
            var memberCount = 1
            var sizes: [JoinReport.Size] = []
            for size in options.sizes {
                let sample = min(options.sampleCount, (size - memberCount + 1) / 2)
                try await stage.joinRoom(roomID, sessions[memberCount..<(size - sample)])
                try await ServerRest(processID: options.serverProcessID, environment: environment).wait()
                let joiners = sessions[(size - sample)..<size]
                let joins = try await stage.timed(
                    joiners.count, showing: "joining at \(size) members", connectionCount: 1,
                    serverProcessID: options.serverProcessID
                ) { caller, number in
                    try await caller.join(roomID, as: joiners[joiners.startIndex + number])
                }
                memberCount = size
                sizes.append(JoinReport.Size(memberCount: size, joins: joins))
            }
            return JoinReport(url: target.url.description, sizes: sizes)
        }
    }
}
