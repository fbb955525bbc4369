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

    private static func setting(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    @Test func clientsSeeWhatTheModelSays() async throws {
        let count = Int(Self.setting("SCRIPTS") ?? 200)
        let first = Self.setting("SEED") ?? UInt64.random(in: 0...UInt64.max / 2)
        print("SEED=\(first) SCRIPTS=\(count)")
        var next = 0
        while next < count {
            let end = min(next + Self.scriptsPerServer, count)
            guard try await Self.pass((next..<end).map { first + UInt64($0) }) else { return }
            next = end
        }
    }

    /// Runs one script after the other on one server.
    private static func pass(_ seeds: [UInt64]) async throws -> Bool {
        let clock = ManualClock()
        var server = try await TestServer(
            folder: TemporaryFolder(), clock: clock, environment: .manual(clock, seed: seeds[0]))
        for seed in seeds {
            let script = Script(seed: seed)
            let (last, failure) = try await script.run(on: server, name: "s\(seed)")
            server = last
            if let failure {
                try await report(script, failure)
                try await server.stop()
                return false
            }
        }
        try await server.stop()
        return true
    }

    private static func report(_ script: Script, _ failure: Script.Failure) async throws {
        var script = script
        var (last, step) = (failure, failure.step)
        script.steps = Array(script.steps.prefix(step + 1))
        let shortest = try await script.shrunk { shorter in
            guard let failure = try await outcome(of: shorter) else { return false }
            (last, step) = (failure, failure.step)
            return true
        }
        let text = Array(shortest.text.split(separator: "\n")).joined(separator: "\n")
        Issue.record("SEED=\(script.seed) SCRIPTS=1 at step \(step): \(last)\n\(text)")
    }

    /// How a script ends on a server of its own.
    private static func outcome(of script: Script) async throws -> Script.Failure? {
        let clock = ManualClock()
        let server = try await TestServer(
            folder: TemporaryFolder(), clock: clock, environment: .manual(clock, seed: script.seed))
        let (last, failure) = try await script.run(on: server, name: "s")
        try await last.stop()
        return failure
    }
}
