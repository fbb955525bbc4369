/// The outside world that the services of a server may see: time and chance, given by whoever composes it.
public struct ServerEnvironment: Sendable {
    private let now: @Sendable () -> Int64
    private let random: @Sendable (Int) -> [UInt8]

    /// - Parameters:
    ///   - now: milliseconds since 1970.
    ///   - random: that many bytes nobody can guess.
    public init(now: @escaping @Sendable () -> Int64, random: @escaping @Sendable (Int) -> [UInt8]) {
        self.now = now
        self.random = random
    }

    /// Milliseconds since 1970.
    public var timestamp: Int64 { now() }

    /// That many bytes that nobody can guess.
    public func randomBytes(_ count: Int) -> [UInt8] { random(count) }
}
