import Accounts
import ArgumentParser
import Foundation
import Logging
import MatrixIdentifiers
import RateLimiting
import Yams

/// What the server runs with, from the command line, the environment and the file, checked.
struct ServerConfiguration {
    let serverName: ServerName
    let baseURL: String?
    let address: String
    let port: Int
    let dataFolder: String
    let webFolder: String?
    let registration: AccountConfiguration.Registration
    let rateLimits: RateLimits?
    let terms: AccountConfiguration.TermsOfUse?
    let logLevel: Logger.Level

    init(options: ServerOptions, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        let sources = try Sources(file: options.config ?? environment["NARU_CONFIG"], environment: environment)

        dataFolder = try sources.value("data", options.data) ?? "data"
        let name =
            try sources.value("server-name", options.serverName)
            ?? DataFolder.serverName(in: dataFolder)?.string ?? "localhost"
        guard let serverName = ServerName(name) else {
            throw ValidationError("--server-name: '\(name)' is no server name; it is a host name, perhaps with a port.")
        }
        self.serverName = serverName

        baseURL = try sources.value("base-url", options.baseURL)
        if let baseURL, !baseURL.hasPrefix("http://"), !baseURL.hasPrefix("https://") {
            throw ValidationError("--base-url: '\(baseURL)' must begin with https:// or http://.")
        }
        address = try sources.value("address", options.address) ?? "127.0.0.1"
        port = try Self.port(sources.value("port", options.port.map(String.init)) ?? "8008")
        webFolder = try sources.value("web", options.web) ?? Self.webFolderBesideProgram
        registration = try Self.registration(
            mode: sources.value("registration", options.registration),
            token: sources.value("registration-token", options.registrationToken), address: address)

        rateLimits = try Self.rateLimits(sources.value("rate-limits", options.rateLimits) ?? "on")
        terms = try sources.value("terms-url", options.termsURL).map { url in
            guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
                throw ValidationError("--terms-url: '\(url)' must begin with https:// or http://.")
            }
            return AccountConfiguration.TermsOfUse(version: "1", url: url)
        }

        let level = try sources.value("log-level", options.logLevel) ?? "notice"
        guard let logLevel = Logger.Level(rawValue: level) else {
            throw ValidationError(
                "--log-level: '\(level)' is no level; they are trace, debug, info, notice, warning, error.")
        }
        self.logLevel = logLevel
        try sources.checkNames()
    }

    private static func rateLimits(_ mode: String) throws -> RateLimits? {
        switch mode {
        case "on", "true": return .standard
        case "off", "false": return nil
        default: throw ValidationError("--rate-limits: '\(mode)' must be on or off.")
        }
    }

    private static func port(_ text: String) throws -> Int {
        guard let port = Int(text), (0...65535).contains(port) else {
            throw ValidationError("--port: '\(text)' is no port; it is a number from 0 to 65535.")
        }
        return port
    }

    private static let loopbackAddresses = ["127.0.0.1", "::1", "localhost"]

    /// On this machine alone anybody may sign up; whoever listens more widely must say who may.
    private static func registration(
        mode: String?, token: String?, address: String
    ) throws -> AccountConfiguration.Registration {
        let isLocal = loopbackAddresses.contains(address)
        switch (mode, token) {
        case ("open", _): return .open
        case ("closed", _): return .closed
        case ("token", .some(let token)), (nil, .some(let token)):
            guard !token.isEmpty else { throw ValidationError("--registration-token: the token is empty.") }
            return .token(token)
        case ("token", nil): throw ValidationError("--registration token: give the token with --registration-token.")
        case (nil, nil) where isLocal: return .open
        case (nil, nil):
            throw ValidationError(
                """
                --address \(address) can be reached from elsewhere: say who may sign up there, with \
                --registration-token TOKEN, or --registration closed, or --registration open.
                """)
        case (.some(let mode), _):
            throw ValidationError("--registration: '\(mode)' is no mode; they are open, token and closed.")
        }
    }

    /// The folder `web` beside the program, when it is there.
    private static var webFolderBesideProgram: String? {
        guard let program = Bundle.main.executableURL else { return nil }
        let folder = program.deletingLastPathComponent().appendingPathComponent("web")
        return FileManager.default.fileExists(atPath: folder.appendingPathComponent("index.html").path)
            ? folder.path : nil
    }

    /// Where an option may stand besides the command line.
    private final class Sources {
        private let file: [String: String]
        private let environment: [String: String]
        private let path: String?
        private var known: Set<String> = []

        init(file path: String?, environment: [String: String]) throws {
            self.environment = environment
            self.path = path
            guard let path else {
                file = [:]
                return
            }
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw ValidationError("--config: the file '\(path)' cannot be read.")
            }
            do {
                let node = try Yams.compose(yaml: text)
                guard let mapping = node?.mapping else {
                    guard node == nil else {
                        throw ValidationError("--config: '\(path)' must be a list of name: value.")
                    }
                    file = [:]
                    return
                }
                var file: [String: String] = [:]
                for (key, value) in mapping {
                    guard let key = key.string, let value = value.scalar?.string else {
                        throw ValidationError("--config: '\(path)' must be a list of name: value.")
                    }
                    file[key] = value
                }
                self.file = file
            } catch let error as YamlError {
                throw ValidationError("--config: '\(path)' is not YAML: \(error)")
            }
        }

        func value(_ name: String, _ commandLine: String?) throws -> String? {
            known.insert(name)
            let variable = "NARU_" + name.uppercased().replacingOccurrences(of: "-", with: "_")
            return commandLine ?? environment[variable] ?? file[name]
        }

        func checkNames() throws {
            for name in file.keys.sorted() where !known.contains(name) {
                throw ValidationError(
                    "--config: '\(path ?? "")' has an option '\(name)' that there is not; there are "
                        + known.sorted().joined(separator: ", ") + ".")
            }
        }
    }
}
