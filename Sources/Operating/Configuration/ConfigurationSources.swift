/// What the operator has written, as it stands, and where: nothing is understood yet.
package struct ConfigurationSources: Sendable {
    /// Where something was written. The first of them wins.
    package enum Origin: Sendable, Equatable, CustomStringConvertible {
        case commandLine
        case environment(variable: String)
        /// - Parameter line: the first is 1.
        case file(path: String, line: Int)

        package var description: String {
            switch self {
            case .commandLine: "on the command line"
            case .environment(let variable): "in the environment, \(variable)"
            case .file(let path, let line): "in \(path), line \(line)"
            }
        }

        /// Which kind of place it is: a nearer one stands for the whole of what a farther one says.
        var distance: Int {
            switch self {
            case .commandLine: 0
            case .environment: 1
            case .file: 2
            }
        }
    }

    package struct Entry: Sendable, Equatable {
        package let name: String
        package let values: [String]
        package let origin: Origin

        package init(name: String, values: [String], origin: Origin) {
            self.name = name
            self.values = values
            self.origin = origin
        }
    }

    /// The entry that counts for each name.
    private(set) var entries: [String: Entry] = [:]
    /// Entries with names that no option has.
    private(set) var unknown: [Entry] = []

    /// - Parameters:
    ///   - arguments: of the command line, without the command's name.
    ///   - environment: of the process.
    ///   - file: the entries of the file, whose path ``configurationPath(arguments:environment:)`` gives.
    package init(
        arguments: CommandLineArguments, environment: [String: String], file: [Entry],
        options: [OptionDescription] = ServerOptions.all
    ) {
        let byName = Dictionary(uniqueKeysWithValues: options.map { ($0.name, $0) })
        for entry in file { keep(entry, byName) }
        for option in options {
            guard let text = environment[option.variable] else { continue }
            let values = option.isList ? Self.split(text) : [text]
            keep(
                Entry(name: option.name, values: values, origin: .environment(variable: option.variable)), byName)
        }
        for (name, values) in arguments.options {
            let isList = byName[name]?.isList == true
            // Of an option that is given twice the later counts, as everywhere.
            let values = isList ? values.flatMap(Self.split) : values.suffix(1)
            keep(Entry(name: name, values: values, origin: .commandLine), byName)
        }
    }

    private mutating func keep(_ entry: Entry, _ known: [String: OptionDescription]) {
        if known[entry.name] == nil { unknown.append(entry) } else { entries[entry.name] = entry }
    }

    private static func split(_ text: String) -> [String] {
        text.split(separator: ",").map { part in
            String(part.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }
    }
}

/// The words of a command line, parted into options with their values and switches.
package struct CommandLineArguments: Sendable, Equatable {
    /// In the order in which they were first given.
    package private(set) var options: [(name: String, values: [String])] = []
    package private(set) var switches: Set<String> = []

    /// - Parameter switches: the words that stand without a value.
    /// - Throws: ``ConfigurationFaults`` for a word that is no option, and for an option without a value.
    package init(_ words: [String], switches known: Set<String> = []) throws(ConfigurationFaults) {
        var words = words[...]
        while let word = words.popFirst() {
            guard word.hasPrefix("--"), word.utf8.count > 2 else {
                throw ConfigurationFaults("'\(word)' is no option; they begin with --.")
            }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            if known.contains(name), parts.count == 1 {
                switches.insert(name)
            } else if parts.count == 2 {
                add(name, String(parts[1]))
            } else if let value = words.popFirst() {
                add(name, value)
            } else {
                throw ConfigurationFaults("--\(name) needs a value.")
            }
        }
    }

    private mutating func add(_ name: String, _ value: String) {
        if let index = options.firstIndex(where: { $0.name == name }) {
            options[index].values.append(value)
        } else {
            options.append((name, [value]))
        }
    }

    /// Takes an option that is not one of the server's own.
    package mutating func take(_ name: String) -> String? {
        guard let index = options.firstIndex(where: { $0.name == name }) else { return nil }
        return options.remove(at: index).values.last
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.switches == right.switches && left.options.elementsEqual(right.options, by: ==)
    }
}

/// Everything that is wrong with a configuration, so that it can be mended at once.
package struct ConfigurationFaults: Error, Equatable, CustomStringConvertible {
    package let reasons: [String]

    package init(_ reasons: [String]) { self.reasons = reasons }
    package init(_ reason: String) { reasons = [reason] }

    package var description: String { reasons.joined(separator: "\n") }
}
