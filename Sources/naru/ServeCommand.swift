import ArgumentParser

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the server and the web client.",
        discussion: """
            Each option may also stand in the environment (NARU_SERVER_NAME for --server-name, and so on) or in the \
            YAML file that --config names (server-name: example.org). The command line comes first, then the \
            environment, then the file.

            Without options it listens on this machine alone, lets anybody on it sign up, and keeps its data in \
            ./data. To listen on other addresses it wants a registration token.
            """)

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let configuration = try ServerConfiguration(options: options)
        try await Composition.serve(configuration)
    }
}
