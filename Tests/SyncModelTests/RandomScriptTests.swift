import Foundation
import RandomJSON
import ServerUnderTest
import Testing

/// What clients put together from either sync is what the model says that they may see, whatever happens and whenever
/// they ask.
///
/// `SCRIPTS=10000 SEED=1` in the environment runs so many scripts, the first with that seed and each further one with
/// the next; `SCRIPTS=1` repeats one.
@Suite struct RandomScriptTests {
    private static let scriptsPerServer = 40
    private static let workerCount = 2
    /// Of more, some are as good as all.
    private static let maximumFailures = 6

    private static func setting(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    @Test func clientsSeeWhatTheModelSays() async throws {
        let count = Int(Self.setting("SCRIPTS") ?? 200)
        let first = Self.setting("SEED") ?? UInt64.random(in: 0...UInt64.max / 2)
        print("SEED=\(first) SCRIPTS=\(count)")
        let seeds = (0..<count).map { first + UInt64($0) }
        var batches = stride(from: 0, to: count, by: Self.scriptsPerServer)
            .map { Array(seeds[$0..<min($0 + Self.scriptsPerServer, count)]) }[...]
        try await withThrowingTaskGroup(of: [Script].self) { group in
            var failed: [Script] = []
            func begin() {
                guard failed.count < Self.maximumFailures, let batch = batches.popFirst() else { return }
                group.addTask { try await Self.failures(of: batch) }
            }
            for _ in 0..<Self.workerCount { begin() }
            while let scripts = try await group.next() {
                failed += scripts
                begin()
            }
            for script in failed.prefix(Self.maximumFailures) { try await Self.report(script) }
        }
    }

    /// Runs one script after the other on one server, and begins on another after a failure.
    private static func failures(of seeds: [UInt64]) async throws -> [Script] {
        var failed: [Script] = []
        var server = try await freshServer(seed: seeds[0])
        for seed in seeds {
            var script = Script(seed: seed)
            let (last, failure) = try await script.run(on: server, name: "s\(seed)")
            server = last
            guard let failure else { continue }
            script.steps = Array(script.steps.prefix(failure.step + 1))
            failed.append(script)
            try await server.stop()
            server = try await freshServer(seed: seed)
        }
        try await server.stop()
        return failed
    }

    private static func freshServer(seed: UInt64) async throws -> TestServer {
        let clock = ManualClock()
        return try await TestServer(folder: TemporaryFolder(), clock: clock, environment: .manual(clock, seed: seed))
    }

    private static func report(_ script: Script) async throws {
        var last: Script.Failure?
        let shortest = try await script.shrunk { shorter in
            guard let failure = try await outcome(of: shorter) else { return false }
            last = failure
            return true
        }
        let what = last?.description ?? "fails after others only"
        Issue.record("SEED=\(script.seed) SCRIPTS=1 \(what)\n\(shortest.text)")
    }

    /// How a script ends on a server of its own.
    private static func outcome(of script: Script) async throws -> Script.Failure? {
        let (last, failure) = try await script.run(on: freshServer(seed: script.seed), name: "s")
        try await last.stop()
        return failure
    }
}
