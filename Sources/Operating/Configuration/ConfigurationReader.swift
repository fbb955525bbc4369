/// Understands what was written, one option after the other, and keeps what is wrong.
package struct ConfigurationReader {
    private let sources: ConfigurationSources
    private(set) var faults: [String] = []

    package init(_ sources: ConfigurationSources, options: [OptionDescription] = ServerOptions.all) {
        self.sources = sources
        for entry in sources.unknown {
            let near = Self.nearest(to: entry.name, in: options.map(\.name)).map { "; do you mean '\($0)'?" } ?? "."
            faults.append("there is no option '\(entry.name)' (\(entry.origin))\(near)")
        }
    }

    /// The value; nil when nobody has given one, or what was given is none.
    package mutating func value<Value>(_ option: ConfigurationOption<Value>) -> Value? {
        guard let entry = sources.entries[option.description.name] else { return nil }
        let name = entry.name
        guard !entry.values.isEmpty, option.description.isList || entry.values.count == 1 else {
            fault("\(name) must have one value (\(entry.origin)).")
            return nil
        }
        do {
            return try option.parse(entry.values)
        } catch {
            let written = option.description.isSecret ? "the value" : "'\(entry.values.joined(separator: ", "))'"
            fault("\(name): \(written) \(error.reason) (\(entry.origin)).")
            return nil
        }
    }

    /// Where an option was given.
    package func origin<Value>(of option: ConfigurationOption<Value>) -> ConfigurationSources.Origin? {
        sources.entries[option.description.name]?.origin
    }

    package mutating func fault(_ reason: String) { faults.append(reason) }

    /// - Throws: what was wrong, when something was.
    package func finish() throws(ConfigurationFaults) {
        guard faults.isEmpty else { throw ConfigurationFaults(faults) }
    }

    /// The name that was probably meant: the one that takes the fewest changes, when these are few.
    static func nearest(to name: String, in names: [String]) -> String? {
        let candidates = names.map { ($0, distance(Array(name.utf8), Array($0.utf8))) }
        guard let best = candidates.min(by: { $0.1 < $1.1 }), best.1 <= 3, best.1 * 2 <= name.utf8.count else {
            return nil
        }
        return best.0
    }

    /// Levenshtein's distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let change = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(change, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}
