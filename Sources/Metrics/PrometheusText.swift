/// Writes Prometheus' text format, version 0.0.4.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
public struct PrometheusText: Sendable {
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    public enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    public typealias Labels = [(name: String, value: String)]

    public private(set) var text = ""

    public init() {}

    /// Begins a metric; its values follow.
    public mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    public mutating func value(_ name: String, _ labels: Labels = [], _ value: Int64) {
        text += "\(name)\(Self.written(labels)) \(value)\n"
    }

    /// A metric with one value.
    public mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: Int64) {
        begin(name, kind, help)
        self.value(name, [], value)
    }

    /// - Parameter unit: what the histogram's numbers are counted in, as a power of ten of the metric's unit: -6 for
    ///   microseconds of a metric in seconds.
    public mutating func values(_ name: String, _ labels: Labels = [], of histogram: Histogram, unit: Int = 0) {
        let snapshot = histogram.snapshot
        for (bound, count) in zip(histogram.bounds, snapshot.cumulative) {
            value("\(name)_bucket", labels + [("le", Self.decimal(bound, exponent: unit))], count)
        }
        value("\(name)_bucket", labels + [("le", "+Inf")], snapshot.count)
        text += "\(name)_sum\(Self.written(labels)) \(Self.decimal(snapshot.sum, exponent: unit))\n"
        value("\(name)_count", labels, snapshot.count)
    }

    private static func written(_ labels: Labels) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.map { label in
            let value = label.value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                .replacing("\n", with: "\\n")
            return "\(label.name)=\"\(value)\""
        }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    /// A whole number times a negative power of ten, written without rounding.
    static func decimal(_ number: Int64, exponent: Int) -> String {
        guard exponent < 0 else { return String(number) }
        let digits = String(number.magnitude)
        let padded = String(repeating: "0", count: max(0, 1 - exponent - digits.count)) + digits
        let whole = padded.dropLast(-exponent)
        var fraction = padded.suffix(-exponent)
        while fraction.last == "0" { fraction = fraction.dropLast() }
        return (number < 0 ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
    }
}
