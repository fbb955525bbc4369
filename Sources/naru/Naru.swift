import ArgumentParser

@main
struct Naru: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "naru",
        abstract: "A messenger of your own that stays reachable, on the Matrix protocol.",
        version: "0.1.0",
        subcommands: [
            ServeCommand.self, ChatCommand.self, AdminCommand.self, BackupCommand.self, RestoreCommand.self,
            VerifyCommand.self,
            BenchCommand.self,
            EndpointsCommand.self, ConfigurationCommand.self,
        ],
        defaultSubcommand: nil)
}
