import ArgumentParser
import Configuration

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the server and the web client.",
        usage: "naru serve [--option value ...] [--config file] [--check]",
        discussion: """
            Each option may also stand in the environment (NARU_SERVER_NAME for --server-name, and so on) or in the \
            YAML file that --config names (server-name: example.org). The command line comes first, then the \
            environment, then the file.

            Without options it listens on this machine alone, lets anybody on it sign up, and keeps its data in \
            ./data. To listen on other addresses it wants to know who may sign up there.

            With --check it says what it would run with and everything that is wrong, and starts nothing.
            \(OptionsText.help())
            """)

    /// Not parsed by ArgumentParser: the options are those of the table.
    @Argument(parsing: .captureForPassthrough, help: .hidden) var words: [String] = []

    func run() async throws {
        if words.contains(where: { ["--help", "-h"].contains($0) }) { throw CleanExit.helpRequest(self) }
        do {
            let arguments = try CommandLineArguments(words, switches: ["check"])
            let configuration = try ServerConfiguration.load(arguments)
            if arguments.switches.contains("check") { return try ConfigurationCheck(configuration).run() }
            try await Composition.serve(configuration)
        } catch let faults as ConfigurationFaults {
            throw ExitCode.refusing(faults)
        }
    }
}
