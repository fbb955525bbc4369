import MatrixClient
import Synchronization

/// How quick the line is: from the last answers that did not wait for news.
final class LatencyMeter: Sendable {
    private static let keptCount = 5
    private let times: Mutex<[Int]> = Mutex([])

    func note(milliseconds: Int) {
        times.withLock { times in
            times.append(milliseconds)
            if times.count > Self.keptCount { times.removeFirst() }
        }
    }

    /// The middle one, so that a single slow answer changes nothing; nil before the first.
    var milliseconds: Int? {
        times.withLock { times in times.isEmpty ? nil : times.sorted()[times.count / 2] }
    }
}

/// Measures what passes through.
final class MeasuringTransport: Transport {
    private let base: HTTPTransport
    private let meter: LatencyMeter
    private let clock = ContinuousClock()

    init(_ base: HTTPTransport, meter: LatencyMeter) {
        (self.base, self.meter) = (base, meter)
    }

    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        let start = clock.now
        let response = try await base.send(request)
        // Syncs wait for news and files take their size's time: both say nothing about the line.
        if !request.url.contains("/sync"), request.body.count < 16_384, response.body.count < 65_536 {
            let duration = start.duration(to: clock.now).components
            meter.note(milliseconds: Int(duration.seconds * 1000 + duration.attoseconds / 1_000_000_000_000_000))
        }
        return response
    }
}
