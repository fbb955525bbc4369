import CanonicalJSON
import HTTPServing
import MatrixIdentifiers
import ServerUnderTest

/// An answer that is not what the scenario needs: its figures would be of something else.
struct UnexpectedAnswer: Error, CustomStringConvertible {
    let description: String
}

/// Who asks in a scenario, as clients do but without a socket.
struct Actors {
    let server: TestServer

    private func answer(
        _ method: String, _ path: String, query: String = "", as user: TestUser, body: String = ""
    ) async throws -> [UInt8] {
        let response = await server.api.respond(
            to: HTTPRequest(
                method: method, path: "/_matrix/client/v3/\(path)", query: query,
                headers: [("Authorization", "Bearer \(user.accessToken)")], body: Array(body.utf8)))
        guard response.status == 200 else {
            throw UnexpectedAnswer(
                description: "\(method) \(path): \(response.status) \(String(decoding: response.body, as: UTF8.self))")
        }
        return response.body
    }

    /// Sends a message of about 300 bytes.
    func send(_ number: Int, as user: TestUser, in roomID: RoomID) async throws {
        let text = "\(number) " + String(repeating: "Naru carries words across. ", count: 10)
        _ = try await answer(
            "PUT", "rooms/\(roomID.string)/send/m.room.message/t\(number)", as: user,
            body: "{\"msgtype\":\"m.text\",\"body\":\"\(text)\"}")
    }

    /// - Parameter since: nil asks for everything.
    func sync(_ user: TestUser, since: String?, timeoutMilliseconds: Int = 0) async throws -> [UInt8] {
        let query = "timeout=\(timeoutMilliseconds)" + (since.map { "&since=\($0)" } ?? "")
        return try await answer("GET", "sync", query: query, as: user)
    }

    func nextBatch(_ user: TestUser, since: String? = nil) async throws -> String {
        try SyncAnswer(try await sync(user, since: since)).nextBatch
    }

    func expectMessages(_ count: Int, in answer: [UInt8], of roomID: RoomID) throws {
        let bodies = try SyncAnswer(answer).room(roomID)?.bodies ?? []
        guard bodies.count == count else {
            throw UnexpectedAnswer(description: "a sync with \(bodies.count) messages instead of \(count)")
        }
    }

    func expectRooms(_ count: Int, in answer: [UInt8]) throws {
        let rooms = try SyncAnswer(answer).rooms("join")
        guard rooms.count == count else {
            throw UnexpectedAnswer(description: "a sync with \(rooms.count) rooms instead of \(count)")
        }
    }

    /// Until what earlier requests left to do behind their answers is done, so that it is not counted with later ones.
    func settle() async throws {
        for _ in 0..<3 {
            try await server.writes.submit { _ in }
            for _ in 0..<100 { await Task.yield() }
        }
    }
}
