import ApplicationServices
import MatrixAPI
import MatrixIdentifiers
import OutgoingHTTP
import Rooms

/// Asking services for rooms and users that do not exist yet.
///
/// https://spec.matrix.org/v1.19/application-service-api/#querying
extension BridgingService: EntityProvider {
    /// Names that are asked for at once; whoever asks beyond it is told that there is no such thing.
    private static let maximumQueries = 64
    private static let attempts = 3
    private static let timeout = Duration.seconds(10)

    public func provide(_ alias: RoomAlias) async throws -> Bool {
        for service in services.all where service.url != nil && service.aliases.contains(alias.string) {
            let path = ServiceCaller.Path("rooms", alias.string, legacyPrefix: "")
            if try await query(service, path, for: alias.string) { return true }
        }
        return false
    }

    public func mayProvide(_ userID: UserID) -> Bool {
        services.all.contains { $0.url != nil && $0.speaks(for: userID) }
    }

    public func provide(_ userID: UserID) async throws {
        for service in services.all where service.url != nil && service.speaks(for: userID) {
            let path = ServiceCaller.Path("users", userID.string, legacyPrefix: "")
            if try await query(service, path, for: userID.string) { return }
        }
    }

    /// - Returns: whether the service says that it has made what was asked for.
    private func query(
        _ service: ApplicationService, _ path: ServiceCaller.Path, for name: String
    ) async throws -> Bool {
        // A service that looks the name up itself while it is asked for it must not wait for its own answer.
        let isFirst = asked.withLock { asked in
            asked.count < Self.maximumQueries && asked.insert(name).inserted
        }
        guard isFirst else { return false }
        defer { asked.withLock { _ = $0.remove(name) } }
        for _ in 1...Self.attempts {
            do {
                let status = try await call(service, "GET", path, timeout: Self.timeout).status
                return (200...299).contains(status)
            } catch {
                // Who is not there at all is not there a moment later either.
                guard error.code == .timedOut || error.code == .brokenResponse else { break }
            }
        }
        logger.notice("an application service does not answer", metadata: ["service": "\(service.id)"])
        throw MatrixError(408, .unknown, "the application service for this name does not answer")
    }
}
