import NIOCore

/// How a simulated client goes on after a failure while it is measured.
package enum FailurePause {
    package static let usual = TimeAmount.milliseconds(100)

    /// How long to wait before the next request: what a refusal for the rate asks for, else a tenth of a second.
    package static func after(_ answer: HTTPAnswer) -> TimeAmount {
        guard answer.status == 429 else { return usual }
        return TimeAmount(RateLimitPolicy.delay(retryAfter: answer.retryAfter, body: parse(answer.body)))
    }
}
