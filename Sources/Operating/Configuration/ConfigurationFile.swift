import Yams

/// The YAML file: names with values, or lists of them.
package enum ConfigurationFile {
    /// Reads the file's text.
    ///
    /// An entry of a list may be a mapping, `{address: "::", port: 8448}`; it is read as `address=::;port=8448`.
    ///
    /// - Parameter path: for the messages.
    package static func entries(
        of text: String, path: String
    ) throws(ConfigurationFaults) -> [ConfigurationSources.Entry] {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw ConfigurationFaults("\(path) is not YAML: \(error)")
        }
        guard let root, root.scalar?.string.isEmpty != true else { return [] }
        guard let mapping = root.mapping else {
            throw ConfigurationFaults("\(path) must be a list of 'name: value'.")
        }
        var entries: [ConfigurationSources.Entry] = []
        for (key, value) in mapping {
            let line = key.mark?.line ?? 0
            guard let name = key.string else {
                throw ConfigurationFaults("\(path), line \(line): an option's name must be a text.")
            }
            guard let values = values(of: value) else {
                throw ConfigurationFaults("\(path), line \(line): '\(name)' must be a value or a list of values.")
            }
            entries.append(.init(name: name, values: values, origin: .file(path: path, line: line)))
        }
        return entries
    }

    private static func values(of node: Node) -> [String]? {
        if let text = node.scalar?.string { return [text] }
        guard let sequence = node.sequence else { return nil }
        var values: [String] = []
        for element in sequence {
            if let text = element.scalar?.string {
                values.append(text)
            } else if let mapping = element.mapping {
                var parts: [String] = []
                for (key, value) in mapping {
                    guard let key = key.string, let text = value.scalar?.string else { return nil }
                    parts.append("\(key)=\(text)")
                }
                values.append(parts.joined(separator: ";"))
            } else {
                return nil
            }
        }
        return values
    }
}
