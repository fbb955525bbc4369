import MatrixAPI
import ServerEnvironment
import Synchronization

/// Counts what each user and each address asks, and says who has to wait.
///
/// A token bucket, kept as one time for each key: when the bucket will be full again (the generic cell rate algorithm,
/// https://www.itu.int/rec/T-REC-I.371). A request costs a look into a table under a lock that nobody else holds for
/// long.
public final class RateLimiter: Sendable {
    /// Who asks, and of what.
    private struct Key: Hashable {
        let bucket: RateLimitBucket
        let client: String
    }

    private static let shardCount = 16
    /// Of all shards together; each takes about 150 bytes.
    package static let maximumEntries = 160_000

    private let limits: RateLimits?
    private let environment: ServerEnvironment
    /// Milliseconds since 1970 when the bucket is full again.
    private let shards: [Shard]

    private final class Shard: Sendable {
        let fullAt = Mutex<[Key: Double]>([:])
    }

    /// - Parameter limits: nil counts nothing and lets everybody through.
    public init(limits: RateLimits?, environment: ServerEnvironment) {
        self.limits = limits
        self.environment = environment
        shards = (0..<Self.shardCount).map { _ in Shard() }
    }

    public var isOn: Bool { limits != nil }

    /// How many keys are kept.
    package var count: Int { shards.reduce(0) { $0 + $1.fullAt.withLock(\.count) } }

    /// Takes one from a bucket.
    ///
    /// - Parameter client: a user ID or an address.
    /// - Throws: `M_LIMIT_EXCEEDED` when there is none left; nothing is taken then.
    public func take(_ bucket: RateLimitBucket, of client: String) throws(MatrixError) {
        try draw(bucket, of: client, takes: true)
    }

    /// Throws as ``take(_:of:)`` would, and takes nothing: for what is counted when it has failed.
    public func check(_ bucket: RateLimitBucket, of client: String) throws(MatrixError) {
        try draw(bucket, of: client, takes: false)
    }

    private func draw(_ bucket: RateLimitBucket, of client: String, takes: Bool) throws(MatrixError) {
        guard let allowance = limits?[bucket] else { return }
        let key = Key(bucket: bucket, client: client)
        let now = Double(environment.timestamp)
        let interval = allowance.intervalMilliseconds
        let shard = shards[Int(UInt(bitPattern: key.hashValue) % UInt(Self.shardCount))]
        let wait = shard.fullAt.withLock { fullAt -> Double in
            let next = max(now, fullAt[key] ?? now) + interval
            let wait = next - now - interval * Double(allowance.burst)
            guard wait <= 0 else { return wait }
            if takes {
                if fullAt.count >= Self.maximumEntries / Self.shardCount { Self.makeRoom(in: &fullAt, now: now) }
                fullAt[key] = next
            }
            return 0
        }
        guard wait <= 0 else {
            throw .limitExceeded("too many requests; wait a little", retryAfterMilliseconds: Int64(wait.rounded(.up)))
        }
    }

    /// A full bucket says the same as none. If too few are full, the fullest are forgotten, which lets those through
    /// who asked least.
    private static func makeRoom(in fullAt: inout [Key: Double], now: Double) {
        fullAt = fullAt.filter { $0.value > now }
        let limit = maximumEntries / shardCount
        guard fullAt.count >= limit else { return }
        let median = fullAt.values.sorted()[limit / 2]
        fullAt = fullAt.filter { $0.value > median }
    }
}
