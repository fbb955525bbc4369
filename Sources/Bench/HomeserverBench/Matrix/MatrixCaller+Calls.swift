import CanonicalJSON
import NIOCore

extension MatrixCaller {
    /// Fails unless a Matrix homeserver answers.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientversions
    package func checkVersions() async throws {
        let answer = try await answer(.get, "/_matrix/client/versions", accessToken: nil)
        guard answer.status == 200, answer.json?.objectValue?["versions"]?.arrayValue != nil else {
            throw BenchError(
                .unexpectedAnswer,
                "http://\(requests.authority) answers, but not like a Matrix homeserver "
                    + "(GET /_matrix/client/versions: \(answer.status))")
        }
    }

    /// Registers a user, or logs in when an earlier run with the same seed has registered it.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3register
    package func register(_ account: BenchAccount, with authentication: InteractiveAuthentication) async throws
        -> MatrixSession
    {
        let path = "/_matrix/client/v3/register"
        var body: JSONObject = [
            "username": .string(account.localpart), "password": .string(account.password),
            "initial_device_display_name": "naru bench",
        ]
        // A flow has few stages; more rounds would be a server that goes round in circles.
        for _ in 0..<5 {
            let answer = try await answer(.post, path, accessToken: nil, body: .object(body))
            switch answer.status {
            case 200: return try session(in: answer, path)
            case 401: body["auth"] = try authentication.nextStage(after: answer.json ?? .null)
            case 400 where answer.json?.objectValue?["errcode"]?.stringValue == "M_USER_IN_USE":
                return try await logIn(account)
            default: throw refusal(.post, path, answer)
            }
        }
        throw BenchError(.unexpectedAnswer, "registration asks for one stage after the other without an end")
    }

    /// Logs in on a new device.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3login
    package func logIn(_ account: BenchAccount) async throws -> MatrixSession {
        let path = "/_matrix/client/v3/login"
        let answer = try await answer(
            .post, path, accessToken: nil,
            body: [
                "type": "m.login.password", "password": .string(account.password),
                "identifier": ["type": "m.id.user", "user": .string(account.localpart)],
            ])
        guard answer.status == 200 else { throw refusal(.post, path, answer) }
        return try session(in: answer, path)
    }

    private func session(in answer: Answer, _ path: String) throws -> MatrixSession {
        guard let object = answer.json?.objectValue, let userID = object["user_id"]?.stringValue,
            let accessToken = object["access_token"]?.stringValue
        else { throw BenchError(.unexpectedAnswer, "POST \(path): the answer has no user_id or access_token") }
        return MatrixSession(userID: userID, accessToken: accessToken)
    }

    /// A room that anyone may join.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3createroom
    package func createRoom(as session: MatrixSession) async throws -> String {
        let path = "/_matrix/client/v3/createRoom"
        let answer = try await call(
            .post, path, accessToken: session.accessToken,
            body: ["preset": "public_chat", "visibility": "private", "name": "naru bench"])
        guard let roomID = answer["room_id"]?.stringValue else {
            throw BenchError(.unexpectedAnswer, "POST \(path): the answer has no room_id")
        }
        return roomID
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidjoin
    package func join(_ roomID: String, as session: MatrixSession) async throws {
        _ = try await call(
            .post, "/_matrix/client/v3/rooms/\(percentEncoded(roomID))/join", accessToken: session.accessToken,
            body: [:])
    }

    /// Stores a filter and answers what a sync's `filter` is to be: its id, or the filter itself where the server
    /// keeps none.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3useruseridfilter
    package func storeFilter(_ filter: JSONValue, as session: MatrixSession) async throws -> String {
        let path = "/_matrix/client/v3/user/\(percentEncoded(session.userID))/filter"
        let answer = try await answer(.post, path, accessToken: session.accessToken, body: filter)
        if answer.status == 200, let id = answer.json?.objectValue?["filter_id"]?.stringValue { return id }
        return String(decoding: filter.bytes(), as: UTF8.self)
    }

    /// Sends a message that says which one it is.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid
    package func send(_ mark: MessageMark, to roomID: String, as session: MatrixSession) async throws {
        var buffer = ByteBuffer()
        MessageTemplate(
            requests: requests, session: session, roomID: roomID, textLength: mark.text.utf8.count
        ).write(transactionID: "\(mark.run)-\(mark.sender)-\(mark.sequence)", text: mark.text, to: &buffer)
        while true {
            let answer = try await connection.send(buffer)
            guard answer.status == 429 else {
                guard answer.status == 200 else {
                    throw refusal(.put, "a message", Answer(status: answer.status, json: parse(answer.body)))
                }
                return
            }
            try await environment.sleep(
                RateLimitPolicy.delay(retryAfter: answer.retryAfter, body: parse(answer.body)))
        }
    }
}
