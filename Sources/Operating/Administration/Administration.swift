import Accounts
import CanonicalJSON
import HTTPServing
import Homeserver
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

/// What the operator may have the server do. Commands have names and take and answer objects of JSON, so that they are
/// the same over the running server's socket and on the data of a server that is not running.
package struct Administration: Sendable {
    typealias Command = @Sendable (JSONObject) async throws -> JSONObject

    let homeserver: Homeserver
    private let commands: [String: Command]

    package init(homeserver: Homeserver) {
        self.homeserver = homeserver
        let groups: [any AdministrationCommands] = [
            UserCommands(homeserver: homeserver), TokenCommands(accounts: homeserver.accounts),
            RoomCommands(homeserver: homeserver), NoticeCommands(homeserver: homeserver),
        ]
        commands = Dictionary(uniqueKeysWithValues: groups.flatMap { $0.commands.map { ($0.key, $0.value) } })
    }

    package var names: [String] { commands.keys.sorted() }

    /// - Throws: `MatrixError`, also for a command that there is not.
    package func run(_ name: String, _ arguments: JSONObject) async throws -> JSONObject {
        guard let command = commands[name] else {
            throw MatrixError(404, .unrecognized, "there is no command '\(name.prefix(60))'")
        }
        return try await command(arguments)
    }
}

/// Some commands that belong together.
protocol AdministrationCommands: Sendable {
    var commands: [String: Administration.Command] { get }
}

/// Takes commands over HTTP: `POST /users/list` with the arguments as body. Whoever reaches it is the operator, so it
/// listens where only the operator can: at a socket in the data folder.
package struct AdministrationResponder: HTTPResponder {
    private let administration: Administration

    package init(_ administration: Administration) { self.administration = administration }

    package func respond(to request: HTTPRequest) async -> HTTPResponse {
        do {
            guard request.method == "POST" else { throw MatrixError(405, .unrecognized, "commands are posted") }
            guard case .object(let arguments)? = try? JSONParser.parse(request.body) else {
                throw MatrixError(400, .notJSON, "the arguments must be an object of JSON")
            }
            return Self.answer(200, try await administration.run(String(request.path.dropFirst()), arguments))
        } catch let error as MatrixError {
            return Self.answer(error.status, error.json)
        } catch {
            return Self.answer(500, MatrixError(500, .unknown, "the server failed: \(error)").json)
        }
    }

    package func respondToOversizedBody(limitBytes: Int) -> HTTPResponse {
        Self.answer(413, MatrixError.tooLarge("the arguments have more than \(limitBytes) bytes").json)
    }

    private static func answer(_ status: Int, _ body: JSONObject) -> HTTPResponse {
        HTTPResponse(status: status, headers: [("Content-Type", "application/json")], body: body.bytes())
    }
}

extension JSONObject {
    /// The user that the arguments name, by user ID or by the part of it before the server's name.
    func user(_ key: String = "user", of serverName: ServerName) throws(MatrixError) -> UserID {
        let text = try string(key)
        guard let userID = UserID(text) ?? UserID(localpart: text, serverName: serverName) else {
            throw .invalidParameter("'\(text.prefix(80))' is no user")
        }
        guard userID.serverName == serverName else {
            throw .invalidParameter("\(userID) is not a user of this server, \(serverName)")
        }
        return userID
    }
}
