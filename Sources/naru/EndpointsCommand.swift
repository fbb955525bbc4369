import ArgumentParser
import CanonicalJSON
import ClientServerAPI
import Configuration
import Foundation
import Logging
import MatrixIdentifiers

/// For `make coverage`: what the router really serves.
struct EndpointsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "endpoints", abstract: "Lists the endpoints that are served, as JSON.", shouldDisplay: false)

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("naru-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let configuration = try ServerConfiguration.load(CommandLineArguments(["--data", folder]), environment: [:])
        let logger = Logger(label: "naru")
        let homeserver = try await Composition.homeserver(configuration, logger: logger)
        // Stopping waits for the writer, which must run for that.
        homeserver.start()
        let api = ClientServerAPI(homeserver: homeserver, baseURL: nil, logger: logger)
        let endpoints = api.endpoints.map { endpoint -> JSONValue in
            [
                "operation_id": .string(endpoint.operationID), "method": .string(endpoint.method.rawValue),
                "path": .string(endpoint.path),
            ]
        }
        print(String(decoding: JSONValue.array(endpoints).bytes(), as: UTF8.self))
        try await homeserver.abandon()
    }
}
