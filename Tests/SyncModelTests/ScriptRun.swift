import Foundation
import MatrixIdentifiers
import ServerUnderTest

/// One client, of whichever kind.
enum SimulatedClient {
    case classic(ClassicClient)
    case sliding(WindowClient)

    init(_ settings: ClientSettings, _ users: [TestUser]) {
        let user = users[settings.user % users.count]
        self =
            switch settings.kind {
            case .classic(let settings): .classic(ClassicClient(user, settings))
            case .sliding(let settings): .sliding(WindowClient(user, settings))
            }
    }

    mutating func sync(with stage: Stage) async throws {
        switch self {
        case .classic(var client):
            try await client.sync(with: stage)
            self = .classic(client)
        case .sliding(var client):
            try await client.sync(with: stage)
            self = .sliding(client)
        }
    }

    /// Asks, and does not hear the answer.
    func ask(_ stage: Stage) async throws {
        switch self {
        case .classic(let client): _ = try await client.answer(of: stage)
        case .sliding(let client): _ = try await client.answer(of: stage)
        }
    }

    mutating func adjust(_ adjustment: Step.Adjustment) {
        guard case .sliding(var client) = self else { return }
        client.settings.adjust(adjustment)
        self = .sliding(client)
    }
}

extension Script {
    /// What went wrong, and at which step.
    struct Failure: Error, CustomStringConvertible {
        let step: Int
        let description: String
    }

    /// Runs the script with users of its own.
    ///
    /// - Parameter name: tells the users from those of other runs.
    /// - Returns: the server, which is another one after a restart.
    func run(on server: TestServer, name: String) async throws -> (TestServer, Failure?) {
        var users: [TestUser] = []
        for number in 0..<userCount { users.append(try await server.user("\(name)u\(number)", device: "D0")) }
        // Each client is a device of its own.
        var clients: [SimulatedClient] = []
        for (number, settings) in self.clients.enumerated() {
            var devices = users
            let user = users[settings.user % users.count].userID.localpart
            devices[settings.user % users.count] = try await server.user(user, device: "C\(number)")
            clients.append(SimulatedClient(settings, devices))
        }
        var stage = Stage(server, users)
        var former = clients
        for (index, step) in steps.enumerated() {
            do {
                try await Self.run(step, &stage, &clients, &former)
            } catch {
                return (stage.server, Failure(step: index, description: String(describing: error)))
            }
        }
        return (stage.server, nil)
    }

    private static func run(
        _ step: Step, _ stage: inout Stage, _ clients: inout [SimulatedClient], _ former: inout [SimulatedClient]
    ) async throws {
        switch step {
        case .act(let user, let room, let action): try await stage.perform(action, by: user, room: room)
        case .sync(let number):
            let before = clients[number]
            try await clients[number].sync(with: stage)
            former[number] = before
        case .lostSync(let number): try await clients[number].ask(stage)
        case .rollBack(let number): clients[number] = former[number]
        case .adjust(let number, let adjustment): clients[number].adjust(adjustment)
        case .restart: try await stage.restart()
        }
    }

    /// A shorter script that fails too.
    func shrunk(fails: (Script) async throws -> Bool) async throws -> Script {
        var script = self
        var length = max(1, steps.count / 2)
        while length >= 1 {
            var start = 0
            while start < script.steps.count {
                var shorter = script
                shorter.steps.removeSubrange(start..<min(start + length, script.steps.count))
                if try await fails(shorter) { script = shorter } else { start += length }
            }
            length /= 2
        }
        return script
    }

    var text: String {
        let who = clients.enumerated().map { "client \($0.offset): \($0.element)" }
        let what = steps.enumerated().map { "\($0.offset). \($0.element)" }
        return (who + what).joined(separator: "\n").replacingOccurrences(of: "SyncModelTests.", with: "")
    }
}
