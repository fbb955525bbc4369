import ArgumentParser
import HomeserverBench

/// The process of the server, for scenarios that look at what it uses.
struct ServerProcessOption: ParsableArguments {
    @Option(
        help: ArgumentHelp("The server's process on this machine, to read its time and memory.", valueName: "pid"))
    var serverPid: Int32?
}

extension BenchCommand {
    struct Register: ScenarioCommand {
        typealias Scenario = RegisterScenario

        static let configuration = CommandConfiguration(abstract: "How fast people can sign up.")

        @OptionGroup var target: BenchTargetOptions
        @OptionGroup var server: ServerProcessOption
        @Option(help: ArgumentHelp("Users who sign up.", valueName: "count"))
        var users = 200
        @Option(help: ArgumentHelp("How many at a time.", valueName: "count"))
        var connections = 4

        var options: RegisterOptions {
            var options = RegisterOptions()
            options.userCount = users
            options.connectionCount = connections
            options.serverProcessID = server.serverPid
            return options
        }
    }

    struct InitialSync: ScenarioCommand {
        typealias Scenario = InitialSyncScenario

        static let configuration = CommandConfiguration(
            commandName: "initial-sync",
            abstract: "How long a new device waits for its first sync, and what one without news costs.",
            discussion: "The command fails unless every room is complete in the answer.")

        @OptionGroup var target: BenchTargetOptions
        @OptionGroup var server: ServerProcessOption
        @Option(help: ArgumentHelp("Rooms of the account.", valueName: "count"))
        var rooms = 500
        @Option(help: ArgumentHelp("Messages in each.", valueName: "count"))
        var messages = 50
        @Flag(help: "The first window of simplified sliding sync, instead of /v3/sync.")
        var sliding = false
        @Option(help: ArgumentHelp("First syncs to measure, each of a device of its own.", valueName: "count"))
        var repeats = 5
        @Option(help: ArgumentHelp("Syncs without news to measure.", valueName: "count"))
        var empty = 500

        var options: InitialSyncOptions {
            var options = InitialSyncOptions()
            options.kind = sliding ? .sliding : .classic
            options.roomCount = rooms
            options.messagesPerRoom = messages
            options.initialCount = repeats
            options.emptyCount = empty
            options.serverProcessID = server.serverPid
            return options
        }
    }

    struct History: ScenarioCommand {
        typealias Scenario = HistoryScenario

        static let configuration = CommandConfiguration(
            abstract: "How fast a room's history is read back.",
            discussion: "The command fails unless every message is read once and in order.")

        @OptionGroup var target: BenchTargetOptions
        @OptionGroup var server: ServerProcessOption
        @Option(help: ArgumentHelp("Messages of the room.", valueName: "count"))
        var messages = 10_000
        @Option(help: ArgumentHelp("Events asked for at a time.", valueName: "count"))
        var page = 100

        var options: HistoryOptions {
            var options = HistoryOptions()
            options.messageCount = messages
            options.pageLength = page
            options.serverProcessID = server.serverPid
            return options
        }
    }

    struct JoinLarge: ScenarioCommand {
        typealias Scenario = JoinScenario

        static let configuration = CommandConfiguration(
            commandName: "join-large", abstract: "What joining a room costs by its size.")

        @OptionGroup var target: BenchTargetOptions
        @OptionGroup var server: ServerProcessOption
        @Option(parsing: .upToNextOption, help: ArgumentHelp("Sizes to measure at.", valueName: "members"))
        var sizes = [10, 100, 1000, 10_000]
        @Option(help: ArgumentHelp("Joins to measure at each size.", valueName: "count"))
        var sample = 200

        var options: JoinOptions {
            var options = JoinOptions()
            options.sizes = sizes
            options.sampleCount = sample
            options.serverProcessID = server.serverPid
            return options
        }
    }

    struct Mixed: ScenarioCommand {
        typealias Scenario = MixedScenario

        static let configuration = CommandConfiguration(
            abstract: "How a server does under ordinary chatter.",
            discussion: """
                People in groups of 2 to 50 send, type and read; each group's messages come as a Poisson process. The \
                command fails unless everybody gets every message of his groups exactly once. With --server-pid and \
                some time it is a soak: memory early and late should be the same.
                """)

        @OptionGroup var target: BenchTargetOptions
        @OptionGroup var server: ServerProcessOption
        @Option(help: ArgumentHelp("People.", valueName: "count"))
        var users = 200
        @Option(help: ArgumentHelp("Groups.", valueName: "count"))
        var groups = 60
        @Option(help: ArgumentHelp("Messages a second, of all groups together.", valueName: "number"))
        var rate = 50.0
        @Option(help: ArgumentHelp("How long to measure.", valueName: "seconds"))
        var seconds = 60.0
        @Option(help: ArgumentHelp("Chatting before measuring.", valueName: "seconds"))
        var warmUp = 5.0
        @Option(help: ArgumentHelp("How long to wait for the last deliveries.", valueName: "seconds"))
        var drain = 30.0

        var options: MixedOptions {
            var options = MixedOptions()
            options.userCount = users
            options.groupCount = groups
            options.messagesPerSecond = rate
            options.seconds = seconds
            options.warmUpSeconds = warmUp
            options.drainSeconds = drain
            options.serverProcessID = server.serverPid
            return options
        }
    }
}
