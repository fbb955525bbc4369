import HTTPServing
import Metrics

/// The requests to one operation so far, by status and by how long they took.
public final class OperationStatistics: Sendable {
    public let operationID: String
    /// From the whole request to the answer, in microseconds.
    public let times = Histogram.ofTimes()
    private let counts = AtomicCounts(count: statuses.count + 1)

    /// What answers usually have; all others are counted together, so that the number of metrics is bounded.
    private static let statuses = [
        200, 201, 204, 301, 302, 303, 304, 400, 401, 403, 404, 405, 409, 413, 429, 500, 501, 502, 503, 504,
    ]

    init(operationID: String) { self.operationID = operationID }

    func note(status: Int, after duration: Duration) {
        counts.add(1, at: Self.statuses.firstIndex(of: status) ?? Self.statuses.count)
        times.note(duration)
    }

    /// The statuses that there were, with how often.
    public var byStatus: [(status: String, count: Int64)] {
        (Self.statuses.map(String.init) + ["other"]).enumerated().compactMap { index, status in
            counts[index] > 0 ? (status, counts[index]) : nil
        }
    }
}
