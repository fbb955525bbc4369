import ArgumentParser

/// The options as they are written; what is absent may stand elsewhere.
struct ServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Read further options from this YAML file.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "The name in user IDs, @user:NAME; it can never change. (default: that of the data, or localhost)",
            valueName: "name"))
    var serverName: String?

    @Option(
        help: ArgumentHelp(
            "Where clients reach the server, for /.well-known. (default: where they came from)", valueName: "url"))
    var baseURL: String?

    @Option(help: ArgumentHelp("The address to listen on. (default: 127.0.0.1)", valueName: "address"))
    var address: String?

    @Option(help: ArgumentHelp("The port to listen on; 0 takes a free one. (default: 8008)", valueName: "port"))
    var port: Int?

    @Option(help: ArgumentHelp("The folder of the database and the signing key. (default: data)", valueName: "folder"))
    var data: String?

    @Option(
        help: ArgumentHelp("The folder of the built web client. (default: web beside the program)", valueName: "folder")
    )
    var web: String?

    @Option(
        help: ArgumentHelp(
            "Who may sign up: open, token or closed. (default: open on this machine alone)", valueName: "mode"))
    var registration: String?

    @Option(help: ArgumentHelp("What whoever signs up must know, with --registration token.", valueName: "token"))
    var registrationToken: String?

    @Option(
        help: ArgumentHelp(
            "Whether whoever asks too much has to wait: on or off. (default: on)", valueName: "mode"))
    var rateLimits: String?

    @Option(
        help: ArgumentHelp(
            "Terms of use that newcomers must agree to, by their address. (default: none)", valueName: "url"))
    var termsURL: String?

    @Option(
        help: ArgumentHelp(
            "How much to log: trace, debug, info, notice, warning, error. (default: notice)", valueName: "level"))
    var logLevel: String?
}
