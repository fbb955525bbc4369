import MatrixAPI

/// How much one user, or one address, may ask of the server.
public struct RateLimits: Sendable, Equatable {
    /// So many requests at once, and so many more each second.
    public struct Allowance: Sendable, Equatable {
        public var burst: Int
        public var perSecond: Double

        public init(burst: Int, perSecond: Double) {
            self.burst = burst
            self.perSecond = perSecond
        }

        /// Milliseconds until one more request is allowed.
        var intervalMilliseconds: Double { 1000 / perSecond }
    }

    /// Generous: nobody who types, and no bot that is polite, ever meets one of these.
    public static let standard = RateLimits(allowances: [
        .messages: Allowance(burst: 200, perSecond: 20),
        .membership: Allowance(burst: 100, perSecond: 2),
        .requests: Allowance(burst: 300, perSecond: 20),
        .registration: Allowance(burst: 20, perSecond: 0.1),
        .signIn: Allowance(burst: 50, perSecond: 1),
        .failedSignIns: Allowance(burst: 10, perSecond: 0.1),
        .failedSignInsToAccount: Allowance(burst: 100, perSecond: 0.05),
        .strangers: Allowance(burst: 100, perSecond: 5),
    ])

    private let allowances: [RateLimitBucket: Allowance]

    /// - Parameter allowances: a bucket without one has no limit.
    public init(allowances: [RateLimitBucket: Allowance]) { self.allowances = allowances }

    public subscript(bucket: RateLimitBucket) -> Allowance? { allowances[bucket] }
}
