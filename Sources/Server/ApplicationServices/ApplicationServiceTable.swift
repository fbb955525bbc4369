import Crypto
import MatrixAPI
import MatrixIdentifiers

/// All application services of a server, and whose names are whose. It is read at start and never changes.
public struct ApplicationServiceTable: Sendable {
    public let all: [ApplicationService]
    /// By the hash of the access token, so that the time a look-up takes tells nothing of a token.
    private let byTokenHash: [SHA256Digest: ApplicationService]

    public static let empty = ApplicationServiceTable()

    private init() {
        all = []
        byTokenHash = [:]
    }

    /// - Throws: when two of them cannot be told apart.
    public init(_ services: [ApplicationService]) throws(RegistrationFault) {
        var byTokenHash: [SHA256Digest: ApplicationService] = [:]
        for (index, service) in services.enumerated() {
            guard !services[..<index].contains(where: { $0.id.utf8.elementsEqual(service.id.utf8) }) else {
                throw RegistrationFault("two application services have the id '\(service.id)'")
            }
            let other = byTokenHash.updateValue(service, forKey: Self.hash(service.accessToken))
            if let other {
                throw RegistrationFault("'\(other.id)' and '\(service.id)' have the same as_token")
            }
        }
        all = services
        self.byTokenHash = byTokenHash
    }

    private static func hash(_ token: String) -> SHA256Digest { SHA256.hash(data: Array(token.utf8)) }

    public var isEmpty: Bool { all.isEmpty }

    /// The one whose `as_token` it is.
    public func service(accessToken: String) -> ApplicationService? {
        isEmpty ? nil : byTokenHash[Self.hash(accessToken)]
    }

    // MARK: Whose names are whose

    private static let exclusive = MatrixError(400, .exclusive, "this name belongs to an application service")
    private static let foreign = MatrixError(400, .exclusive, "this name is outside of the namespaces")

    /// Refuses a user's name that is not the caller's to give: to people and other services, what one service has for
    /// itself; to a service, what is outside of its namespaces.
    ///
    /// - Parameter service: nil for people.
    ///
    /// https://spec.matrix.org/v1.19/application-service-api/#server-admin-style-permissions
    public func check(_ userID: UserID, madeBy service: ApplicationService?) throws(MatrixError) {
        if let service, !service.speaks(for: userID) { throw Self.foreign }
        if all.contains(where: { $0 !== service && $0.isExclusive(userID) }) { throw Self.exclusive }
    }

    /// As ``check(_:madeBy:)-(UserID,_)``, for an alias that is to be made or deleted.
    public func check(_ alias: RoomAlias, madeBy service: ApplicationService?) throws(MatrixError) {
        if let service, !service.aliases.contains(alias.string) { throw Self.foreign }
        if all.contains(where: { $0 !== service && $0.aliases.isExclusive(alias.string) }) { throw Self.exclusive }
    }
}
