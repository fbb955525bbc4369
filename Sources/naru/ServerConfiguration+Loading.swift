import ArgumentParser
import Configuration
import DataKeeping
import Foundation

extension ServerConfiguration {
    /// Reads the command line, the environment and the file.
    ///
    /// - Parameter arguments: of the command, parted.
    static func load(
        _ arguments: CommandLineArguments, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationFaults) -> ServerConfiguration {
        var arguments = arguments
        var file: [ConfigurationSources.Entry] = []
        if let path = arguments.take("config") ?? environment["NARU_CONFIG"] {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw ConfigurationFaults("config: the file '\(path)' cannot be read.")
            }
            file = try ConfigurationFile.entries(of: text, path: path)
        }
        return try ServerConfiguration(
            ConfigurationSources(arguments: arguments, environment: environment, file: file),
            storedServerName: DataFolder.serverName(in:),
            readFile: { try? String(contentsOfFile: $0, encoding: .utf8) })
    }
}

extension ExitCode {
    /// EX_CONFIG of sysexits(3): what the operator has written is wrong. A service manager need not try again.
    static let configuration = ExitCode(78)

    /// The end of a command whose configuration is wrong, once every reason is told.
    static func refusing(_ faults: ConfigurationFaults) -> ExitCode {
        for reason in faults.reasons { FileHandle.standardError.write(Data("Error: \(reason)\n".utf8)) }
        return .configuration
    }
}
