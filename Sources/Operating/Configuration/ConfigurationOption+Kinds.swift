/// Options of the usual kinds.
extension ConfigurationOption where Value == String {
    /// Any text but the empty one.
    package static func text(
        _ name: String, in section: OptionDescription.Section, placeholder: String, meaning: String, usual: String,
        example: String, isSecret: Bool = false
    ) -> ConfigurationOption {
        ConfigurationOption(
            name, in: section, placeholder: placeholder, meaning: meaning, usual: usual, example: example,
            isSecret: isSecret
        ) { text throws(OptionFault) in
            guard !text.isEmpty else { throw OptionFault("must not be empty") }
            return text
        }
    }
}

extension ConfigurationOption where Value == Int {
    package static func integer(
        _ name: String, in section: OptionDescription.Section, placeholder: String, range: ClosedRange<Int>,
        meaning: String, usual: String, example: String
    ) -> ConfigurationOption {
        ConfigurationOption(
            name, in: section, placeholder: placeholder, meaning: meaning, usual: usual, example: example
        ) { text throws(OptionFault) in
            guard let value = Int(text), range.contains(value) else {
                throw OptionFault("is no number from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
    }
}

extension ConfigurationOption where Value == Bool {
    package static func onOff(
        _ name: String, in section: OptionDescription.Section, meaning: String, usual: String, example: String
    ) -> ConfigurationOption {
        ConfigurationOption(
            name, in: section, placeholder: "on|off", meaning: meaning, usual: usual, example: example
        ) { text throws(OptionFault) in
            switch text.lowercased() {
            case "on", "true", "yes": return true
            case "off", "false", "no": return false
            default: throw OptionFault("is neither on nor off")
            }
        }
    }
}

extension ConfigurationOption where Value == Duration {
    /// A number with its unit: `90s`, `15m`, `12h`, `7d`.
    package static func duration(
        _ name: String, in section: OptionDescription.Section, meaning: String, usual: String, example: String
    ) -> ConfigurationOption {
        ConfigurationOption(
            name, in: section, placeholder: "duration", meaning: meaning, usual: usual, example: example
        ) { text throws(OptionFault) in
            let seconds: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
            guard let unit = text.last.flatMap({ seconds[$0] }), let count = Int(text.dropLast()),
                (0...100_000).contains(count)
            else { throw OptionFault("is no duration; one is a number with s, m, h or d, as 12h") }
            return .seconds(count * unit)
        }
    }
}

extension ConfigurationOption where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the names of an enumeration.
    package static func choice(
        _ name: String, in section: OptionDescription.Section, meaning: String, usual: String, example: String
    ) -> ConfigurationOption {
        let names = Value.allCases.map(\.rawValue)
        return ConfigurationOption(
            name, in: section, placeholder: names.joined(separator: "|"), meaning: meaning, usual: usual,
            example: example
        ) { text throws(OptionFault) in
            guard let value = Value(rawValue: text) else {
                throw OptionFault("is none of \(names.joined(separator: ", "))")
            }
            return value
        }
    }
}
