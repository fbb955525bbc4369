import CanonicalJSON

/// How long to wait when the server refuses with 429 while a benchmark is being set up.
///
/// https://spec.matrix.org/v1.19/client-server-api/#rate-limiting
package enum RateLimitPolicy {
    /// More waiting than this for one call, and setting up fails.
    package static let longestTotal = Duration.seconds(120)

    /// The delay that the server asks for: the header in seconds, else the older field in milliseconds, else a second.
    package static func delay(retryAfter: String?, body: JSONValue?) -> Duration {
        if let retryAfter, let seconds = Int64(retryAfter), seconds >= 0 { return .seconds(min(seconds, 3600)) }
        if let milliseconds = body?.objectValue?["retry_after_ms"]?.integerValue, milliseconds >= 0 {
            return .milliseconds(min(milliseconds, 3_600_000))
        }
        return .seconds(1)
    }
}
