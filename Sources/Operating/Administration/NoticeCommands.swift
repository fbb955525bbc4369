import CanonicalJSON
import Homeserver
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

/// What the operator tells users, in the room of the server's notices.
///
/// https://spec.matrix.org/v1.19/client-server-api/#server-notices
struct NoticeCommands: AdministrationCommands {
    let homeserver: Homeserver

    var commands: [String: Administration.Command] { ["notices/send": send, "notices/send-to-all": sendToAll] }

    private static let maximumTextBytes = 32_768

    /// One user.
    private func send(_ arguments: JSONObject) async throws -> JSONObject {
        let userID = try arguments.user(of: homeserver.configuration.serverName)
        let eventID = try await homeserver.rooms.sendNotice(Self.content(arguments), to: userID)
        return ["user_id": .string(userID.string), "event_id": .string(eventID.string)]
    }

    /// Users told before the answer, after which whoever asked calls again from where it has got to.
    private static let usersPerCall = 100

    /// Everybody who has an account, page by page: `next` is where to go on, and is not there at the end.
    private func sendToAll(_ arguments: JSONObject) async throws -> JSONObject {
        let content = try Self.content(arguments)
        let after = try arguments.optionalIdentifier("after", UserID.self)
        let accounts = try await homeserver.accounts.listAccounts(after: after, limit: Self.usersPerCall)
        var count: Int64 = 0
        for account in accounts where isTold(account) {
            do {
                try await homeserver.rooms.sendNotice(content, to: account.userID)
                count += 1
            } catch let error as MatrixError where error.code == .notFound {
                // Gone since the list was made.
            }
        }
        var answer: JSONObject = ["sent": .integer(count)]
        if accounts.count == Self.usersPerCall { answer["next"] = accounts.last.map { .string($0.userID.string) } }
        return answer
    }

    /// People: neither the sender of the notices nor those for whom programs speak.
    private func isTold(_ account: AccountRecord) -> Bool {
        let services = homeserver.accounts.applicationServices.all
        return !account.isDeactivated && account.userID != homeserver.rooms.noticesSender
            && !services.contains { $0.speaks(for: account.userID) && account.passwordHash == nil }
    }

    private static func content(_ arguments: JSONObject) throws(MatrixError) -> JSONObject {
        let text = try arguments.string("text")
        guard (1...maximumTextBytes).contains(text.utf8.count) else {
            throw .invalidParameter("a notice has 1 to \(maximumTextBytes) bytes")
        }
        return ["body": .string(text)]
    }
}
