import CanonicalJSON
import Dispatch
import Foundation
import ServerUnderTest

/// Plays what a server does most to a whole server in this process and prints what an operation took as JSON.
/// `scripts/test-counts` runs it under callgrind and compares.
@main struct Counting {
    /// Not `async`: that would end the main thread in a way that valgrind 3.19 does not survive.
    static func main() {
        let finished = DispatchSemaphore(value: 0)
        Task.detached {
            do {
                print(String(decoding: try await figures().bytes(), as: UTF8.self))
            } catch {
                FileHandle.standardError.write(Data("\(error)\n".utf8))
                exit(1)
            }
            finished.signal()
        }
        finished.wait()
    }

    /// In this order callgrind's dumps are told apart.
    private static let scenarios: [(name: String, play: @Sendable (Actors) async throws -> WorkCounter)] = [
        ("send", Scenarios.send),
        ("sync with one message", Scenarios.syncWithOneMessage),
        ("sync with nothing", Scenarios.syncWithNothing),
        ("message to 100 waiting syncs", Scenarios.fanOut),
        ("initial sync of 100 rooms", Scenarios.initialSync),
    ]

    private static func figures() async throws -> JSONObject {
        var figures: [JSONValue] = []
        for (name, play) in scenarios {
            // A server each: no scenario pays for what another left.
            let counter = try await TestServer.run { server in try await play(Actors(server: server)) }
            var figure = counter.json
            figure["name"] = .string(name)
            figures.append(.object(figure))
        }
        return ["scenarios": .array(figures)]
    }
}
