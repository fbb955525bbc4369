import ArgumentParser
import Dispatch
import HomeserverBench

/// `naru bench`: load for any Matrix homeserver.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure a Matrix homeserver, this one or any other.",
        discussion: """
            Each scenario registers its own users on the server and leaves them and their rooms there: run it \
            against a server that was started for it, with open registration and rate limits off.
            """,
        subcommands: [
            Send.self, FanOut.self, Idle.self, Register.self, InitialSync.self, History.self, JoinLarge.self,
            Mixed.self,
            Verify.self,
        ])
}

/// What every scenario is told.
struct BenchTargetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where the server listens; plain http only.", valueName: "url"))
    var url = "http://127.0.0.1:8008"

    @Option(help: "What the server asks new users for, if it asks for a registration token.")
    var registrationToken: String?

    @Option(
        help: ArgumentHelp(
            "Gives the users' names and passwords; the same seed uses the same users again. (default: random)",
            valueName: "number"))
    var seed: UInt64?

    @Option(help: ArgumentHelp("Threads that send and receive. (default: one per core)", valueName: "count"))
    var eventLoops: Int?

    @Flag(help: "Print one JSON object instead of a table.")
    var json = false

    func target() throws -> BenchTarget {
        try BenchTarget(
            url: ServerURL(url), seed: seed ?? UInt64.random(in: .min ... .max), registrationToken: registrationToken,
            eventLoopCount: eventLoops ?? availableCores())
    }

    /// Prints the report; a report that does not hold ends the command with an error.
    func finish(_ report: some BenchReport) throws {
        print(json ? report.json : report.table)
        if let failure = report.failure { throw BenchFailure(description: failure) }
    }
}

/// What was measured does not hold.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String
}

extension BenchEnvironment {
    /// The machine's own clock, and progress on the terminal.
    static func live() -> BenchEnvironment {
        BenchEnvironment(
            monotonicNanoseconds: { DispatchTime.now().uptimeNanoseconds },
            sleep: { try await Task.sleep(for: $0) },
            progress: TerminalProgress())
    }
}

/// A scenario as a command.
protocol ScenarioCommand: AsyncParsableCommand {
    associatedtype Scenario: BenchScenario

    var target: BenchTargetOptions { get }
    var options: Scenario.Options { get }
}

extension ScenarioCommand {
    /// The argument parser adds the usage to what this throws.
    func validate() throws {
        do throws(BenchError) { try options.validate() } catch { throw ValidationError(error.description) }
    }

    func run() async throws {
        try target.finish(try await Scenario.run(options, target: try target.target(), environment: .live()))
    }
}

extension BenchCommand {
    struct Send: ScenarioCommand {
        typealias Scenario = SendScenario

        static let configuration = CommandConfiguration(
            abstract: "How fast messages are accepted.",
            discussion: """
                Every user sends a message of about 300 bytes as soon as the one before was acknowledged. Latency is \
                measured from writing a request to reading its answer.
                """)

        @OptionGroup var target: BenchTargetOptions
        @Option(help: ArgumentHelp("Users who send at the same time.", valueName: "count"))
        var users = 16
        @Flag(help: "All users in one room, instead of each in a room of their own.")
        var oneRoom = false
        @Option(help: ArgumentHelp("How long to measure.", valueName: "seconds"))
        var seconds = 10.0
        @Option(help: ArgumentHelp("Measure so many messages instead of a time.", valueName: "messages"))
        var count: Int?
        @Option(help: ArgumentHelp("Sending before measuring.", valueName: "seconds"))
        var warmUp = 2.0
        @Option(
            help: ArgumentHelp(
                "Write each acknowledged message to a file of JSON lines, for 'naru bench verify'.",
                valueName: "file"))
        var journal: String?
        @Flag(help: "A lost connection ends a user's part without an error: the server is stopped on purpose.")
        var untilDisconnected = false

        var options: SendOptions {
            var options = SendOptions()
            options.userCount = users
            options.isOneRoom = oneRoom
            options.extent = count.map { .messages($0) } ?? .seconds(seconds)
            options.warmUpSeconds = warmUp
            options.journalPath = journal
            options.isUntilDisconnected = untilDisconnected
            return options
        }
    }

    struct FanOut: ScenarioCommand {
        typealias Scenario = FanOutScenario

        static let configuration = CommandConfiguration(
            commandName: "fanout",
            abstract: "How fast messages reach a room's live members.",
            discussion: """
                Every member waits in a loop of long syncs. Latency is measured from writing a message's request to \
                reading it in a member's sync. The command fails unless every member gets every message exactly once.
                """)

        @OptionGroup var target: BenchTargetOptions
        @Option(help: ArgumentHelp("Members who wait for messages.", valueName: "count"))
        var members = 100
        @Option(help: ArgumentHelp("Users who send messages.", valueName: "count"))
        var senders = 1
        @Option(
            help: ArgumentHelp(
                "Messages a second, of all senders together; 0 is as fast as they are acknowledged.",
                valueName: "number"))
        var rate = 0.0
        @Option(help: ArgumentHelp("How long to measure.", valueName: "seconds"))
        var seconds = 10.0
        @Option(help: ArgumentHelp("Sending before measuring.", valueName: "seconds"))
        var warmUp = 2.0
        @Option(help: ArgumentHelp("How long to wait for the last deliveries.", valueName: "seconds"))
        var drain = 60.0

        var options: FanOutOptions {
            var options = FanOutOptions()
            options.memberCount = members
            options.senderCount = senders
            options.messagesPerSecond = rate
            options.seconds = seconds
            options.warmUpSeconds = warmUp
            options.drainSeconds = drain
            return options
        }
    }

    struct Idle: ScenarioCommand {
        typealias Scenario = IdleScenario

        static let configuration = CommandConfiguration(
            abstract: "What a waiting sync costs, and how fast all are woken.",
            discussion: """
                Opens connections whose syncs wait, compares the server's memory before and after, then sends one \
                message to the room that all users share. The command fails unless every sync gets it.
                """)

        @OptionGroup var target: BenchTargetOptions
        @Option(help: ArgumentHelp("Syncs that wait.", valueName: "count"))
        var connections = 1000
        @Option(help: ArgumentHelp("Users among whom they are dealt out.", valueName: "count"))
        var users = 20
        @Option(help: ArgumentHelp("The server's process on this machine, to read its memory.", valueName: "pid"))
        var serverPid: Int32?
        @Option(help: ArgumentHelp("How long to wait for the last to be woken.", valueName: "seconds"))
        var wakeLimit = 60.0

        var options: IdleOptions {
            var options = IdleOptions()
            options.connectionCount = connections
            options.userCount = users
            options.serverProcessID = serverPid
            options.wakeLimitSeconds = wakeLimit
            return options
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Whether a server still has what it acknowledged.",
            discussion: """
                Reads the journal that 'naru bench send --journal' has written and the rooms it names. The command \
                fails unless every acknowledged message is there exactly once, under the event id that was answered.
                """)

        @OptionGroup var target: BenchTargetOptions
        @Option(help: ArgumentHelp("What 'naru bench send --journal' has written.", valueName: "file"))
        var journal: String

        func run() async throws {
            try target.finish(
                try await VerifyScenario.run(
                    journalPath: journal, target: try target.target(), environment: .live()))
        }
    }
}
