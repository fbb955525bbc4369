import CanonicalJSON

/// What a scenario has found: rows for people, one object for programs.
package protocol BenchReport: Sendable {
    var title: String { get }
    var rows: [ReportRow] { get }
    /// Why what was measured does not hold, for a process's exit code; nil when it does.
    var failure: String? { get }
}

/// One figure or fact of a report.
package struct ReportRow: Sendable, Equatable {
    /// For people.
    package let label: String
    package let text: String
    /// For programs: the name with its unit, and the value.
    package let key: String
    package let value: JSONValue

    package init(_ label: String, key: String, integer: Int, unit: String = "") {
        self.init(
            label: label, text: unit.isEmpty ? String(integer) : "\(integer) \(unit)", key: key,
            value: .integer(Int64(integer)))
    }

    /// - Parameter places: decimal places.
    package init(_ label: String, key: String, number: Double, places: Int, unit: String) {
        let literal = decimal(number, places: places)
        self.init(label: label, text: "\(literal) \(unit)", key: key, value: .number(literal: literal))
    }

    package init(_ label: String, key: String, text: String) {
        self.init(label: label, text: text, key: key, value: .string(text))
    }

    package init(_ label: String, key: String, yes: Bool) {
        self.init(label: label, text: yes ? "yes" : "no", key: key, value: .bool(yes))
    }

    /// A figure that could not be had, and why.
    package init(_ label: String, key: String, absent reason: String) {
        self.init(label: label, text: reason, key: key, value: .null)
    }

    private init(label: String, text: String, key: String, value: JSONValue) {
        self.label = label
        self.text = text
        self.key = key
        self.value = value
    }
}

extension BenchReport {
    /// The rows aligned in two columns under the title.
    package var table: String {
        let width = rows.map(\.label.count).max() ?? 0
        let lines = rows.map { row in
            "  \(row.label)\(String(repeating: " ", count: width - row.label.count))  \(row.text)"
        }
        return ([title] + lines).joined(separator: "\n")
    }

    /// One object in one line, keys in order.
    package var json: String {
        let object = JSONObject(members: rows.map { ($0.key, $0.value) } + [("failure", failureValue)])
        return String(decoding: object.bytes(), as: UTF8.self)
    }

    private var failureValue: JSONValue { failure.map { .string($0) } ?? .null }
}

/// The rows that every latency has.
package func latencyRows(_ summary: LatencySummary, of what: String, key: String) -> [ReportRow] {
    [("p50", summary.p50), ("p90", summary.p90), ("p99", summary.p99), ("max", summary.maximum)].map { name, value in
        ReportRow("\(what) \(name)", key: "\(key)\(name)_milliseconds", number: value, places: 3, unit: "ms")
    }
}

/// A number with a fixed count of decimal places, rounded.
package func decimal(_ number: Double, places: Int) -> String {
    guard number.isFinite, abs(number) < 1e15 else { return "0" }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = Int64((abs(number) * scale).rounded())
    let sign = number < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return sign + String(scaled) }
    let whole = scaled / Int64(scale)
    let fraction = String(scaled % Int64(scale))
    return "\(sign)\(whole)." + String(repeating: "0", count: places - fraction.count) + fraction
}
