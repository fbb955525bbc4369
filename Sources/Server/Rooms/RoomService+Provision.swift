import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

/// Whoever can make rooms and users in the moment in which somebody names them: application services.
///
/// https://spec.matrix.org/v1.19/application-service-api/#querying
public protocol EntityProvider: Sendable {
    /// Whether the alias may lead to a room now.
    func provide(_ alias: RoomAlias) async throws -> Bool
    /// Whether somebody would make the user; asked before it is looked up whether he is there.
    func mayProvide(_ userID: UserID) -> Bool
    func provide(_ userID: UserID) async throws
}

extension RoomService {
    /// One for each server, set before it is used.
    public func setEntityProvider(_ provider: any EntityProvider) { entityProvider.withLock { $0 = provider } }

    /// Has those made who are named, are not there, and can be made. Whoever stays missing is refused later.
    func provide(_ users: [UserID?]) async throws {
        guard let provider = entityProvider.withLock({ $0 }) else { return }
        for case .some(let userID) in users where provider.mayProvide(userID) {
            if try await database.read({ try $0.account(userID) }) == nil { try await provider.provide(userID) }
        }
    }
}
