import ApplicationServices
import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import OutgoingHTTP
import Rooms

/// Other networks: what services know of them, and the directories of their rooms.
///
/// https://spec.matrix.org/v1.19/application-service-api/#third-party-networks
extension BridgingService {
    private static let lookUpTimeout = Duration.seconds(10)
    private static let maximumNetworkRooms = 100_000

    private var networks: [ApplicationService] { services.all.filter { $0.url != nil && !$0.protocols.isEmpty } }

    private func services(for name: String) -> [ApplicationService] {
        networks.filter { service in service.protocols.contains { utf8Equal($0, name) } }
    }

    /// All networks by their names.
    public func protocols() async -> JSONObject {
        var found = JSONObject()
        for service in networks {
            for name in service.protocols where found[name] == nil {
                if let metadata = await metadata(of: name) { found[name] = .object(metadata) }
            }
        }
        return found
    }

    /// What the services say of a network: the first of them of the network itself, each of its instances.
    ///
    /// - Returns: nil when no service knows it.
    public func metadata(of name: String) async -> JSONObject? {
        var merged: JSONObject?
        var instances: [JSONValue] = []
        for service in services(for: name) {
            guard let answer = await lookUp(service, .init("thirdparty", "protocol", name, legacyPrefix: Self.legacy)),
                let metadata = answer.objectValue
            else { continue }
            instances += (metadata["instances"]?.arrayValue ?? []).compactMap(\.objectValue).map { instance in
                var instance = instance
                let network = instance["network_id"]?.stringValue ?? name
                instance["instance_id"] = .string(NetworkInstance(service: service.id, network: network).id)
                return .object(instance)
            }
            merged = merged ?? metadata
        }
        merged?["instances"] = .array(instances)
        return merged
    }

    /// Users or locations of a network, or of all when none is named.
    ///
    /// - Parameters:
    ///   - kind: `user` or `location`.
    ///   - query: percent-encoded, as the client wrote it, without its access token.
    public func found(_ kind: String, of name: String?, query: String) async -> [JSONValue] {
        var found: [JSONValue] = []
        for service in name.map(services(for:)) ?? networks {
            let path =
                name.map { ServiceCaller.Path("thirdparty", kind, $0, legacyPrefix: Self.legacy, query: query) }
                ?? ServiceCaller.Path("thirdparty", kind, legacyPrefix: Self.legacy, query: query)
            found += await lookUp(service, path)?.arrayValue ?? []
        }
        return found
    }

    private static let legacy = "/_matrix/app/unstable"

    /// Nil when the service does not know, or does not answer: what others know is worth telling all the same.
    private func lookUp(_ service: ApplicationService, _ path: ServiceCaller.Path) async -> JSONValue? {
        guard let answer = try? await call(service, "GET", path, timeout: Self.lookUpTimeout), answer.status == 200
        else { return nil }
        return try? JSONParser.parse(answer.body)
    }

    // MARK: Directories

    /// Puts a room into a service's directory of a network or takes it out.
    public func setListed(
        _ isListed: Bool, _ roomID: RoomID, network: String, by service: ApplicationService
    ) async throws {
        guard (1...255).contains(network.utf8.count), !network.utf8.contains(0) else {
            throw MatrixError.invalidParameter("a network's name has 1 to 255 bytes, and no NUL")
        }
        let room = try await rooms.room(roomID)
        let isDone = try await writes.submit { [id = service.id] context in
            try context.store.setListed(
                isListed, room: room.number, service: id, network: network, maximumCount: Self.maximumNetworkRooms)
        }
        guard isDone else {
            throw MatrixError.forbidden("an application service lists at most \(Self.maximumNetworkRooms) rooms")
        }
    }

    /// The rooms of a network's directory.
    ///
    /// - Parameter instanceID: see ``NetworkInstance``; nil for all networks.
    public func listedRooms(instanceID: String?) async throws -> [RoomNumber] {
        let instance = instanceID.map(NetworkInstance.init)
        return try await database.read { store in
            try store.networkRooms(service: instance?.service, network: instance?.network)
        }
    }
}

/// One service's door to a network, by which clients name its directory.
struct NetworkInstance: Sendable, Equatable {
    /// Nil for any.
    let service: String?
    let network: String

    init(service: String, network: String) {
        self.service = service
        self.network = network
    }

    /// A network's name alone stands for all doors to it.
    init(id: String) {
        let parts = id.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        service = parts.count == 2 ? parts[0] : nil
        network = parts.last ?? ""
    }

    var id: String { "\(service ?? "")|\(network)" }
}
