import NIOCore
import NIOPosix

/// Where a scenario plays: the event loops, the way to the server, the run's users.
package struct Stage: Sendable {
    package let target: BenchTarget
    package let environment: BenchEnvironment
    package let names: RunNames
    package let group: MultiThreadedEventLoopGroup
    package let connector: HTTPConnector
    package let requests: HTTPRequestBytes

    /// Calls under way at a time while setting up. Servers hash passwords on purpose slowly; more would only queue.
    private static let setupConnectionCount = 4

    /// Runs `body` on a stage whose server has answered, and takes the stage down after it.
    package static func with<Report: Sendable>(
        _ target: BenchTarget, _ environment: BenchEnvironment,
        body: (Stage) async throws -> Report
    ) async throws -> Report {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: target.eventLoopCount)
        let result: Result<Report, any Error>
        do {
            let stage = Stage(
                target: target, environment: environment, names: RunNames(seed: target.seed), group: group,
                connector: try await HTTPConnector.resolving(target.url, on: group),
                requests: HTTPRequestBytes(authority: target.url.authority))
            try await stage.withCaller { try await $0.checkVersions() }
            result = .success(try await body(stage))
        } catch {
            result = .failure(error)
        }
        environment.progress.clear()
        try await group.shutdownGracefully()
        return try result.get()
    }

    /// Registers as many users; their order is that of their numbers.
    package func registerUsers(_ count: Int) async throws -> [MatrixSession] {
        let authentication = InteractiveAuthentication(registrationToken: target.registrationToken)
        return try await inParallel(count, showing: "registering users") { caller, number in
            try await caller.register(names.account(number), with: authentication)
        }
    }

    package func joinRoom(_ roomID: String, _ sessions: ArraySlice<MatrixSession>) async throws {
        let sessions = Array(sessions)
        _ = try await inParallel(sessions.count, showing: "joining the room") { caller, number in
            try await caller.join(roomID, as: sessions[number])
        }
    }

    package func withCaller<Value: Sendable>(
        _ body: @Sendable (MatrixCaller) async throws -> Value
    ) async throws -> Value {
        let connection = try await SetupConnection(
            connector: connector, eventLoop: group.next(), environment: environment)
        let caller = MatrixCaller(connection: connection, requests: requests, environment: environment)
        do {
            let value = try await body(caller)
            try await connection.close()
            return value
        } catch {
            try await connection.close()
            throw error
        }
    }

    /// Calls `body` for the numbers 0 ..< `count` over `connectionCount` connections (default: a few), and answers in
    /// the order of the numbers.
    package func inParallel<Value: Sendable>(
        _ count: Int, showing what: String, connectionCount: Int? = nil,
        body: @escaping @Sendable (MatrixCaller, Int) async throws -> Value
    ) async throws -> [Value] {
        let width = min(connectionCount ?? Self.setupConnectionCount, count)
        return try await withThrowingTaskGroup(of: [(Int, Value)].self) { tasks in
            for first in 0..<width {
                tasks.addTask {
                    try await withCaller { caller in
                        var values: [(Int, Value)] = []
                        for number in stride(from: first, to: count, by: width) {
                            values.append((number, try await body(caller, number)))
                            environment.progress.show("\(what): \(number + 1) of \(count)")
                        }
                        return values
                    }
                }
            }
            var all: [(Int, Value)] = []
            for try await values in tasks { all += values }
            return all.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// The members of `items` dealt out to the event loops like cards, with their numbers.
    package func deal<Item>(_ items: [Item]) -> [(eventLoop: any EventLoop, share: [(number: Int, item: Item)])] {
        let loops = Array(group.makeIterator())
        return loops.enumerated().map { index, loop in
            let numbers = stride(from: index, to: items.count, by: loops.count)
            return (loop, numbers.map { ($0, items[$0]) })
        }
    }
}
