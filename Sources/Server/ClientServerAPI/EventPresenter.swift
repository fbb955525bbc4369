import Accounts
import HomeserverStore
import MatrixAPI
import Rooms
import ServerEnvironment

/// Writes events for whoever calls, with what relates to them: the one way in which answers other than `/sync` show
/// events.
struct EventPresenter: Sendable {
    let rooms: RoomService
    let accounts: AccountService
    let environment: ServerEnvironment

    /// The format in which these events are to be written. Asks the store only about events that others relate to.
    func format(of events: [RoomEvent], for call: Call) async throws -> ClientEventFormat {
        let format = call.format(environment)
        guard events.contains(where: \.hasAggregations) else { return format }
        return format.showing(try await rooms.aggregations(of: events, for: viewer(call)))
    }

    func viewer(_ call: Call) async throws -> Viewer {
        Viewer(userID: call.userID, ignoredUsers: try await accounts.ignoredUsers(of: call.userID))
    }
}
