/// How often what went wrong.
package struct ErrorTally: Sendable, Equatable {
    /// By what a report calls it: "HTTP 500", "disconnected" …
    package private(set) var counts: [String: Int] = [:]

    package init() {}

    package var total: Int { counts.values.reduce(0, +) }

    package mutating func record(status: Int) { counts["HTTP \(status)", default: 0] += 1 }

    package mutating func record(_ error: BenchError) {
        let name =
            switch error.code {
            case .cannotConnect: "cannot connect"
            case .disconnected: "disconnected"
            case .timedOut: "timed out"
            default: "unexpected answer"
            }
        counts[name, default: 0] += 1
    }

    package mutating func merge(_ other: ErrorTally) {
        counts.merge(other.counts, uniquingKeysWith: +)
    }

    /// `3 × HTTP 500, 1 × timed out`, or `none`.
    package var summary: String {
        if counts.isEmpty { return "none" }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) × \($0.key)" }
            .joined(separator: ", ")
    }
}
