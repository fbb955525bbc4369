import Administration
import CanonicalJSON
import Configuration
import DataKeeping
import Foundation
import Homeserver
import MatrixAPI

/// Has the operator's commands run: by the server that is running, or here when none is.
struct AdminConnection {
    private enum Target {
        case socket(path: String)
        case here(Homeserver, Administration)
    }

    /// What the server says against a command.
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    private let target: Target

    /// - Parameter path: the data folder.
    init(data path: String) async throws {
        let folder = try DataFolder(existing: path)
        guard try folder.tryLock(keepsLock: false) else {
            target = .socket(path: folder.adminSocketPath)
            return
        }
        let configuration = try ServerConfiguration.load(CommandLineArguments(["--data", path]))
        let homeserver = try await Composition.homeserver(configuration, logger: Composition.logger(configuration))
        homeserver.start()
        target = .here(homeserver, Administration(homeserver: homeserver))
    }

    func call(_ command: String, _ arguments: JSONObject) async throws -> JSONObject {
        switch target {
        case .socket(let path): return try Self.exchange(command, arguments, path: path)
        case .here(_, let administration):
            do {
                return try await administration.run(command, arguments)
            } catch let error as MatrixError {
                throw Self.refusal(error.json)
            }
        }
    }

    func close() async throws {
        if case .here(let homeserver, _) = target { try await homeserver.stop() }
    }

    private static func exchange(_ command: String, _ arguments: JSONObject, path: String) throws -> JSONObject {
        let body = arguments.bytes()
        let head =
            "POST /\(command) HTTP/1.1\r\nHost: naru\r\nConnection: close\r\nContent-Length: \(body.count)\r\n\r\n"
        let answer = try LocalSocket.exchange(Array(head.utf8) + body, with: path)
        let separator = Array("\r\n\r\n".utf8)
        guard let end = answer.indices.first(where: { answer[$0...].starts(with: separator) }),
            case .object(let object)? = try? JSONParser.parse(Array(answer[(end + separator.count)...]))
        else { throw Refused(description: "the server's answer is none.") }
        guard answer.starts(with: Array("HTTP/1.1 200 ".utf8)) else { throw refusal(object) }
        return object
    }

    private static func refusal(_ error: JSONObject) -> Refused {
        Refused(description: error["error"]?.stringValue ?? "the server refuses.")
    }
}
