import Accounts
import Configuration
import Foundation
import HTTPServing
import MatrixIdentifiers
import Rules
import Testing

@Suite struct ConfigurationTests {
    private func configuration(
        _ words: [String] = [], environment: [String: String] = [:], file: String = "", stored: String? = nil,
        files: [String: String] = [:]
    ) throws -> ServerConfiguration {
        try ServerConfiguration(
            ConfigurationSources(
                arguments: CommandLineArguments(words), environment: environment,
                file: ConfigurationFile.entries(of: file, path: "naru.yaml")),
            storedServerName: { _ in stored.flatMap { ServerName($0) } }, readFile: { files[$0] })
    }

    private func reasons(
        _ words: [String] = [], environment: [String: String] = [:], file: String = "", files: [String: String] = [:]
    ) -> [String] {
        do {
            _ = try configuration(words, environment: environment, file: file, files: files)
            return []
        } catch let faults as ConfigurationFaults {
            return faults.reasons
        } catch {
            return ["\(error)"]
        }
    }

    @Test func withoutOptionsTheServerKeepsToThisMachine() throws {
        let configuration = try configuration()
        #expect(configuration.listeners == [ListenerText(address: "127.0.0.1", port: 8008)])
        #expect(configuration.registration == .open)
        #expect(configuration.serverName.string == "localhost")
        #expect(configuration.dataFolder == "data")
        #expect(configuration.metricsListener == nil)
        #expect(configuration.registrationSharedSecret == nil)
        #expect(try self.configuration(stored: "kept.example").serverName.string == "kept.example")
    }

    @Test func theCommandLineComesFirstThenTheEnvironmentThenTheFile() throws {
        let file = "server-name: file.example\ndata: file\nlog-level: debug\n"
        let environment = ["NARU_SERVER_NAME": "environment.example", "NARU_DATA": "environment"]
        let configuration = try configuration(["--data", "line"], environment: environment, file: file)
        #expect(configuration.dataFolder == "line")
        #expect(configuration.serverName.string == "environment.example")
        #expect(configuration.logLevel == .debug)
    }

    @Test func listenersAreGivenInEveryPlace() throws {
        let expected = [
            ListenerText(address: "127.0.0.1", port: 8008),
            ListenerText(address: "::1", port: 8448, tls: TLSFiles(certificate: "c.pem", key: "k.pem")),
        ]
        let second = "[::1]:8448;tls;certificate=c.pem;key=k.pem"
        #expect(try configuration(["--listen", "127.0.0.1:8008", "--listen", second]).listeners == expected)
        #expect(
            try configuration(environment: ["NARU_LISTEN": "127.0.0.1:8008, \(second)"]).listeners == expected)
        let file = """
            listen:
              - 127.0.0.1:8008
              - address: "::1"
                port: 8448
                tls: on
                certificate: c.pem
                key: k.pem
            """
        #expect(try configuration(file: file).listeners == expected)
    }

    /// The old options stand for one listener, and the nearer place counts.
    @Test func addressAndPortKeepWorking() throws {
        #expect(try configuration(["--port", "80"]).listeners == [ListenerText(address: "127.0.0.1", port: 80)])
        let file = "listen: 127.0.0.1:1\n"
        #expect(try configuration(["--port", "2"], file: file).listeners.map(\.port) == [2])
        #expect(try configuration(["--listen", "127.0.0.1:3"], file: "port: 4").listeners.map(\.port) == [3])
        #expect(reasons(["--listen", "127.0.0.1:3", "--port", "4"]).count == 1)
    }

    @Test(arguments: [
        ("127.0.0.1", "no port"), ("127.0.0.1:x", "port"), ("127.0.0.1:70000", "port"), ("::1:8008", "brackets"),
        ("127.0.0.1:1;tls", "certificate"), ("127.0.0.1:1;certificate=a;key=b", "not tls"),
        ("127.0.0.1:1;colour=red", "colour"), ("127.0.0.1:1;nonsense", "nonsense"), ("", "no address"),
    ])
    func wrongPlacesAreExplained(text: String, part: String) {
        #expect(throws: OptionFault.self) { try ListenerText(text) }
        do { _ = try ListenerText(text) } catch { #expect(error.reason.contains(part)) }
    }

    @Test func everythingThatIsWrongIsSaidAtOnceWithItsPlace() {
        let reasons = reasons(
            ["--port", "0.5"], environment: ["NARU_LOG_LEVEL": "loud"],
            file: "\nserver-name: not a name\nregistrations: open\nregistration-shared-secret: short-secret\n")
        #expect(reasons.count == 5)
        #expect(reasons.contains { $0.hasPrefix("port: '0.5'") && $0.contains("on the command line") })
        #expect(reasons.contains { $0.hasPrefix("log-level: 'loud'") && $0.contains("NARU_LOG_LEVEL") })
        #expect(reasons.contains { $0.hasPrefix("server-name: 'not a name'") && $0.contains("naru.yaml, line 2") })
        #expect(reasons.contains { $0.contains("'registrations'") && $0.contains("mean 'registration'") })
        #expect(reasons.contains { $0.hasPrefix("registration-shared-secret") })
        #expect(!reasons.joined().contains("short-secret"), "a secret stands in a message")
    }

    @Test func whoeverListensWidelySaysWhoMaySignUp() throws {
        for words in [["--address", "0.0.0.0"], ["--listen", "127.0.0.1:1,[::]:2"]] {
            #expect(reasons(words).count == 1)
            #expect(try configuration(words + ["--registration", "closed"]).registration == .closed)
            #expect(try configuration(words + ["--registration-token", "t"]).registration == .token("t"))
        }
        // Then only the tokens that administrators make are good.
        #expect(try configuration(["--registration", "token"]).registration == .token(nil))
        #expect(reasons(["--registration-token", ""]).count == 1)
    }

    @Test func theFileMustBeYAMLOfNamesAndValues() throws {
        #expect(try configuration(file: "# nothing\n").dataFolder == "data")
        for file in ["registration: [unclosed\n", "- a\n- b\n", "text", "data: {a: b}\n", "data: [[a]]\n"] {
            #expect(reasons(file: file).count == 1, "\(file)")
        }
    }

    @Test(arguments: [["data"], ["--data"], ["-d", "x"], ["--"]]) func wordsThatAreNoOptionsAreRefused(words: [String])
    {
        #expect(throws: ConfigurationFaults.self) { try CommandLineArguments(words) }
    }

    @Test func switchesAndValuesAreToldApart() throws {
        var arguments = try CommandLineArguments(["--check", "--data=a=b", "--config", "c"], switches: ["check"])
        #expect(arguments.switches == ["check"])
        #expect(arguments.take("config") == "c")
        #expect(arguments.take("config") == nil)
        #expect(arguments.options.map(\.values) == [["a=b"]])
    }

    @Test func durationsHaveUnits() throws {
        let option = ConfigurationOption<Duration>.duration(
            "keep", in: .rooms, meaning: "", usual: "", example: "1d")
        func read(_ text: String) throws -> Duration? {
            var reader = ConfigurationReader(
                ConfigurationSources(
                    arguments: try CommandLineArguments(["--keep", text]), environment: [:], file: [],
                    options: [option.description]), options: [option.description])
            let value = reader.value(option)
            try reader.finish()
            return value
        }
        #expect(try read("90s") == .seconds(90))
        #expect(try read("7d") == .seconds(604_800))
        for text in ["7", "d", "-1d", "1.5h", "1y"] {
            #expect(throws: ConfigurationFaults.self) { try read(text) }
        }
    }

    /// Each example in the table is a value that the option takes.
    @Test func theTableIsSound() throws {
        let names = ServerOptions.all.map(\.name)
        #expect(Set(names).count == names.count)
        let text = OptionsText.markdown()
        // These have a meaning together only.
        let companions = [
            "turn-servers": ["--turn-shared-secret", "s"], "turn-shared-secret": ["--turn-servers", "turn:t.example"],
        ]
        for option in ServerOptions.all {
            #expect(text.contains("`\(option.name)`"))
            #expect(OptionsText.help().contains("--\(option.name) <"))
            #expect(!option.meaning.isEmpty && !option.usual.isEmpty)
            let words =
                ["--\(option.name)", option.example, "--registration-token", "t"]
                + (companions[option.name] ?? [])
            let files = ["/etc/naru/irc-registration.yaml": Self.registration]
            #expect(throws: Never.self) { try configuration(words, files: files) }
        }
    }

    // MARK: Application services

    /// As the specification shows one.
    private static let registration = """
        id: "IRC Bridge"
        url: "http://127.0.0.1:1234"
        as_token: "30c05ae90a248a4188e620216fa72e349803310ec83e2a77b34fe90be6081f46"
        hs_token: 312
        sender_localpart: "_irc_bot" # Will result in @_irc_bot:example.org
        namespaces:
          users:
            - exclusive: true
              regex: "@_irc_bridge_.*"
          aliases:
            - exclusive: false
              regex: "#_irc_bridge_.*"
          rooms: []
        """

    @Test func registrationFilesAreRead() throws {
        let configuration = try configuration(
            ["--application-services", "irc.yaml", "--server-name", "example.org"],
            files: ["irc.yaml": Self.registration])
        let service = try #require(configuration.applicationServices.all.first)
        #expect(service.id == "IRC Bridge")
        #expect(service.sender.string == "@_irc_bot:example.org")
        #expect(service.homeserverToken == "312", "a token of digits is a text")
        #expect(service.users.isExclusive("@_irc_bridge_alice:example.org"))
        #expect(try self.configuration().applicationServices.isEmpty)
        let inFile = try self.configuration(
            file: "application-services: [irc.yaml]\n", files: ["irc.yaml": Self.registration])
        #expect(inFile.applicationServices.all.count == 1)
    }

    /// Everything that is wrong is told at once, each with its file.
    @Test func wrongRegistrationFilesAreNamed() {
        let files = [
            "list.yaml": "- a\n", "broken.yaml": "a: [", "empty.yaml": "",
            "regex.yaml": Self.registration.replacingOccurrences(of: "_bridge_.*", with: "(["),
            "irc.yaml": Self.registration,
        ]
        let names = ["missing.yaml", "list.yaml", "broken.yaml", "empty.yaml", "regex.yaml"]
        let reasons = reasons(names.flatMap { ["--application-services", $0] }, files: files)
        #expect(reasons.count == names.count)
        for (name, reason) in zip(names, reasons) {
            #expect(reason.hasPrefix("application-services: ") && reason.contains(name), "\(reason)")
            #expect(!reason.contains("30c05ae"), "a token stands in a message")
        }
        let twice = self.reasons(
            ["--application-services", "irc.yaml", "--application-services", "irc.yaml"], files: files)
        #expect(twice == ["application-services: two application services have the id 'IRC Bridge'."])
    }
}
