/// Something that an operator decides. Declared once: the command line, the environment, the file, the help and the
/// documentation follow from it.
package struct ConfigurationOption<Value: Sendable>: Sendable {
    package let description: OptionDescription
    /// Makes the value of what was written, which is never empty.
    let parse: @Sendable ([String]) throws(OptionFault) -> Value

    /// An option that is given once.
    ///
    /// - Parameters:
    ///   - name: as after `--`, and in the file.
    ///   - placeholder: what stands for the value in the help.
    ///   - meaning: whole sentences.
    ///   - usual: what holds when nobody says anything.
    ///   - example: a value that the option takes.
    ///   - isSecret: whether the value is never shown.
    package init(
        _ name: String, in section: OptionDescription.Section, placeholder: String, meaning: String, usual: String,
        example: String, isSecret: Bool = false, parse: @escaping @Sendable (String) throws(OptionFault) -> Value
    ) {
        self.parse = { texts throws(OptionFault) in try parse(texts[0]) }
        description = OptionDescription(
            name: name, section: section, placeholder: placeholder, meaning: meaning, usual: usual, example: example,
            isList: false, isSecret: isSecret)
    }

    /// An option that may be given several times, or as a list in the file, or with commas in the environment.
    package static func list<Element>(
        _ name: String, in section: OptionDescription.Section, placeholder: String, meaning: String, usual: String,
        example: String, parse: @escaping @Sendable (String) throws(OptionFault) -> Element
    ) -> ConfigurationOption<[Element]> {
        ConfigurationOption<[Element]>(
            description: OptionDescription(
                name: name, section: section, placeholder: placeholder, meaning: meaning, usual: usual,
                example: example, isList: true, isSecret: false),
            parse: { texts throws(OptionFault) in
                var elements: [Element] = []
                for text in texts { elements.append(try parse(text)) }
                return elements
            })
    }

    private init(
        description: OptionDescription, parse: @escaping @Sendable ([String]) throws(OptionFault) -> Value
    ) {
        self.description = description
        self.parse = parse
    }
}

/// What there is to know of an option whatever its type.
package struct OptionDescription: Sendable {
    package enum Section: String, Sendable, CaseIterable {
        case server = "The server"
        case network = "Where it listens"
        case people = "Who may come in"
        case rooms = "Rooms"
        case operation = "Watching it"
    }

    package let name: String
    package let section: Section
    package let placeholder: String
    package let meaning: String
    package let usual: String
    package let example: String
    package let isList: Bool
    package let isSecret: Bool

    /// The environment's name for it: `NARU_SERVER_NAME` for `server-name`.
    package var variable: String { "NARU_" + name.uppercased().replacing("-", with: "_") }
}

/// Why a text is no value of an option: the end of a sentence that begins with the text.
package struct OptionFault: Error, Equatable {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}
