import Dispatch
import Synchronization

/// Hashes passwords one after the other on a thread apart: 40 ms each would stall everything else.
final class PasswordHasher: Sendable {
    /// Waiting for a place would take longer than a client waits.
    struct Overloaded: Error {}

    private static let maximumWaiting = 500
    private let queue = DispatchQueue(label: "naru.password-hasher")
    private let waitingCount = Atomic<Int>(0)

    func hash(_ password: String, salt: [UInt8]) async throws -> String? {
        try await run { PasswordHash.make(password, salt: salt) }
    }

    func matches(_ password: String, hash: String) async throws -> Bool {
        try await run { PasswordHash.matches(password, hash: hash) }
    }

    private func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async throws -> Value {
        let waiting = waitingCount.wrappingAdd(1, ordering: .relaxed).newValue
        defer { waitingCount.wrappingSubtract(1, ordering: .relaxed) }
        guard waiting <= Self.maximumWaiting else { throw Overloaded() }
        return await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }
}
