/// Which allowance a request draws on. Requests of different buckets do not wait for each other.
public enum RateLimitBucket: UInt8, Sendable, Hashable, CaseIterable {
    /// Events that a user sends.
    case messages
    /// Rooms made, joined, left, and others invited.
    case membership
    /// The rest of what the specification marks as rate-limited.
    case requests
    /// Signing up.
    case registration
    /// Signing in, right or wrong.
    case signIn
    /// Signing in with a wrong password; drawn on after the fact.
    case failedSignIns
    /// The same, by the account that was tried, from wherever.
    case failedSignInsToAccount
    /// What anybody may ask without being signed in, and what makes the server keep something.
    case strangers
}
