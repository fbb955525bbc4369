import ArgumentParser
import Configuration

/// For `make configuration`: docs/configuration.md, made from the table of options.
struct ConfigurationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configuration", abstract: "Writes the documentation of the options.", shouldDisplay: false)

    func run() { print(OptionsText.markdown(), terminator: "") }
}
