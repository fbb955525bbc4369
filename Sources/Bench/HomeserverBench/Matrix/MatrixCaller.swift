import CanonicalJSON
import NIOCore

/// Calls the client-server API while a benchmark is being set up: waits when the server asks for it, and turns
/// refusals into errors that name the call.
package struct MatrixCaller: Sendable {
    package let connection: SetupConnection
    package let requests: HTTPRequestBytes
    package let environment: BenchEnvironment

    package struct Answer: Sendable {
        let status: Int
        let json: JSONValue?
    }

    /// The answer to a call that must succeed.
    package func call(
        _ method: HTTPRequestBytes.Method, _ path: String, accessToken: String?, body: JSONValue? = nil
    ) async throws -> JSONObject {
        let answer = try await answer(method, path, accessToken: accessToken, body: body)
        guard answer.status == 200, let object = answer.json?.objectValue else {
            throw refusal(method, path, answer)
        }
        return object
    }

    /// The answer to a call that may be refused, but not for its rate.
    package func answer(
        _ method: HTTPRequestBytes.Method, _ path: String, accessToken: String?, body: JSONValue? = nil
    ) async throws -> Answer {
        let request = requests.request(method, path, accessToken: accessToken, body: body?.bytes())
        var waited = Duration.zero
        while true {
            let answer = try await send(request, naming: "\(method.rawValue) \(withoutQuery(path))")
            let json = parse(answer.body)
            guard answer.status == 429 else { return Answer(status: answer.status, json: json) }
            let delay = RateLimitPolicy.delay(retryAfter: answer.retryAfter, body: json)
            waited += delay
            guard waited <= RateLimitPolicy.longestTotal else {
                throw BenchError(
                    .rateLimited, "\(method.rawValue) \(withoutQuery(path)): rate limited for over two minutes")
            }
            try await environment.sleep(delay)
        }
    }

    /// Says in an error which call it was.
    private func send(_ request: ByteBuffer, naming call: String) async throws -> HTTPAnswer {
        do {
            return try await connection.send(request)
        } catch let error as BenchError where error.code != .cannotConnect {
            throw BenchError(error.code, "http://\(requests.authority), \(call): \(error.reason)")
        }
    }

    package func refusal(_ method: HTTPRequestBytes.Method, _ path: String, _ answer: Answer) -> BenchError {
        let what = answer.json == nil ? "something that is not JSON" : errorText(answer.json)
        return BenchError(
            .unexpectedAnswer, "\(method.rawValue) \(withoutQuery(path)) was answered \(answer.status): \(what)")
    }

    private func withoutQuery(_ path: String) -> Substring { path.prefix { $0 != "?" } }
}

/// The JSON in an answer's body; nil when it is none.
package func parse(_ body: ByteBuffer) -> JSONValue? {
    body.withUnsafeReadableBytes { bytes in
        do throws(JSONError) {
            return try JSONParser.parse(bytes.assumingMemoryBound(to: UInt8.self))
        } catch {
            return nil
        }
    }
}
