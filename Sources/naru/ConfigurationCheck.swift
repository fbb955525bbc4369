import ArgumentParser
import Configuration
import DataKeeping
import Foundation
import HTTPServing

/// `naru serve --check`: what a server would run with, and what the machine has against it.
struct ConfigurationCheck {
    let configuration: ServerConfiguration

    init(_ configuration: ServerConfiguration) { self.configuration = configuration }

    /// Prints the configuration.
    ///
    /// - Throws: ``ConfigurationFaults`` for what only shows on this machine: files that are not there or not usable,
    ///   and data of another server.
    func run() throws {
        let faults = faults()
        guard faults.isEmpty else { throw ConfigurationFaults(faults) }
        for line in lines() { print(line) }
        print("The configuration is sound.")
    }

    private func faults() -> [String] {
        var faults: [String] = []
        for files in (configuration.listeners + [configuration.metricsListener].compactMap { $0 }).compactMap(\.tls) {
            do { _ = try TLSIdentity(files: files) } catch { faults.append("listen: \(error).") }
        }
        if let present = DataFolder.serverName(in: configuration.dataFolder), present != configuration.serverName {
            faults.append(
                "server-name: the data in '\(configuration.dataFolder)' is that of \(present), and a name never changes."
            )
        }
        if let web = configuration.webFolder, !FileManager.default.fileExists(atPath: web + "/index.html") {
            faults.append("web: there is no index.html in '\(web)'.")
        }
        return faults
    }

    private func lines() -> [String] {
        let places = configuration.listeners.map { place in
            let host = place.address.contains(":") ? "[\(place.address)]" : place.address
            return "\(place.tls == nil ? "http" : "https")://\(host):\(place.port)"
        }
        let registration =
            switch configuration.registration {
            case .open: "open to anybody"
            case .token: "for whoever has the token"
            case .closed: "closed"
            }
        let bridges = configuration.applicationServices.all.map(\.id).joined(separator: ", ")
        return [
            "server name      \(configuration.serverName)",
            "base URL         \(configuration.baseURL ?? "as the client came")",
            "data             \(configuration.dataFolder)",
            "web client       \(configuration.webFolder ?? Composition.webFolderBesideProgram ?? "none")",
            "listens on       \(places.joined(separator: ", "))",
            "sign-up          \(registration)",
            "shared secret    \(configuration.registrationSharedSecret == nil ? "none" : "set")",
            "bridges          \(bridges.isEmpty ? "none" : bridges)",
            "new rooms        version \(configuration.defaultRoomVersion.identifier)",
            "log              \(configuration.logLevel.rawValue), \(configuration.logFormat.rawValue)",
            "metrics          \(configuration.metricsListener.map { "\($0.address):\($0.port)" } ?? "nowhere")",
        ]
    }
}
