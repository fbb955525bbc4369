import Foundation
import OutgoingHTTP
import Testing

@Suite struct OutgoingHTTPClientTests {
    private static let answer = "HTTP/1.1 201 Created\r\nX-Name: value\r\nContent-Length: 5\r\n\r\nhello"

    private func loopbackClient(authorities: [String] = []) throws -> OutgoingHTTPClient {
        let range = try #require(AddressRange("127.0.0.0/8"))
        return try OutgoingHTTPClient(
            configuration: OutgoingHTTPConfiguration(allowedRanges: [range], certificateAuthorities: authorities))
    }

    private func request(_ url: String, body: String = "") throws -> OutgoingRequest {
        OutgoingRequest(
            method: body.isEmpty ? "GET" : "POST", url: try #require(OutgoingURL(url)),
            headers: [("X-Asked", "yes")], body: Array(body.utf8))
    }

    /// Nil when there is an answer.
    private func code(_ client: OutgoingHTTPClient, _ request: OutgoingRequest) async -> OutgoingHTTPError.Code? {
        do {
            _ = try await client.send(request)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func aRequestIsAnswered() async throws {
        let client = try loopbackClient()
        try await LoopbackServer.run(answering: Self.answer) { server throws in
            let response = try await client.send(
                request("http://127.0.0.1:\(server.port)/a?b=c", body: "ping"))
            #expect(response.status == 201)
            #expect(response.header("x-name") == "value")
            #expect(String(decoding: response.body, as: UTF8.self) == "hello")
            let asked = try #require(server.requests.first)
            #expect(asked.hasPrefix("POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"))
            for line in ["X-Asked: yes", "Content-Length: 4", "Connection: close"] {
                #expect(asked.contains("\r\n\(line)\r\n"), "\(line)")
            }
            #expect(asked.hasSuffix("\r\n\r\nping"))
        }
    }

    /// Neither by address nor by a name that leads there.
    @Test func loopbackIsRefusedUnlessAllowed() async throws {
        let client = try OutgoingHTTPClient()
        try await LoopbackServer.run(answering: Self.answer) { server throws in
            for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0"] {
                let refused = try await code(client, request("http://\(host):\(server.port)/"))
                #expect(refused == .addressRefused, "\(host)")
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test func redirectsAreAnswersLikeOthers() async throws {
        let client = try loopbackClient()
        let answer = "HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n"
        try await LoopbackServer.run(answering: answer) { server throws in
            let response = try await client.send(request("http://localhost:\(server.port)/"))
            #expect(response.status == 302)
            #expect(response.header("Location") == "http://10.0.0.1/")
        }
    }

    @Test func sizesAndTimesHaveBounds() async throws {
        let client = try loopbackClient()
        try await LoopbackServer.run(answering: Self.answer) { server throws in
            var small = try request("http://127.0.0.1:\(server.port)/")
            small.maximumResponseBytes = 4
            #expect(await code(client, small) == .responseTooLarge)
            small.maximumResponseBytes = 5
            #expect(await code(client, small) == nil)
        }
        try await LoopbackServer.run(answering: nil) { server throws in
            var slow = try request("http://127.0.0.1:\(server.port)/")
            slow.timeout = .milliseconds(50)
            #expect(await code(client, slow) == .timedOut)
            slow.timeout = .seconds(60)
            let call = Task { [slow] in await code(client, slow) }
            call.cancel()
            #expect(await call.value == .cancelled)
        }
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "SSH-2.0-x\r\n\r\n", ""])
    func brokenAnswersFail(_ answer: String) async throws {
        let client = try loopbackClient()
        try await LoopbackServer.run(answering: answer) { server throws in
            let code = try await code(client, request("http://127.0.0.1:\(server.port)/"))
            #expect(code == .brokenResponse)
        }
    }

    // MARK: Connections that are kept

    private func keepingClient() throws -> OutgoingHTTPClient {
        var configuration = OutgoingHTTPConfiguration()
        configuration.allowsAnyAddress = true
        configuration.keepsConnections = true
        return try OutgoingHTTPClient(configuration: configuration)
    }

    @Test func aConnectionServesManyRequests() async throws {
        let client = try keepingClient()
        try await LoopbackServer.run(answering: Self.answer, closing: .never) { server throws in
            for number in 0..<5 {
                let response = try await client.send(request("http://127.0.0.1:\(server.port)/\(number)"))
                #expect(String(decoding: response.body, as: UTF8.self) == "hello")
            }
            #expect(server.requests.count == 5)
            #expect(server.connections == 1)
            #expect(server.requests.allSatisfy { $0.contains("\r\nConnection: keep-alive\r\n") })
        }
    }

    /// What may be asked twice is asked again on a new connection; anything else does not use an old one.
    @Test func aConnectionThatWasClosedMeanwhileIsReplaced() async throws {
        let client = try keepingClient()
        try await LoopbackServer.run(answering: Self.answer, closing: .onSecondRequest) { server throws in
            for _ in 0..<3 {
                #expect(try await client.send(request("http://127.0.0.1:\(server.port)/")).status == 201)
            }
            #expect(server.requests.count == 3)
            let connections = server.connections
            #expect(try await client.send(request("http://127.0.0.1:\(server.port)/", body: "ping")).status == 201)
            #expect(server.connections == connections + 1)
        }
    }

    @Test func aCallThatWaitsOnAKeptConnectionCanBeCancelled() async throws {
        let client = try keepingClient()
        try await LoopbackServer.run(answering: nil, closing: .never) { server throws in
            var slow = try request("http://127.0.0.1:\(server.port)/")
            slow.timeout = .seconds(60)
            let call = Task { [slow] in await code(client, slow) }
            while server.connections == 0 { await Task.yield() }
            call.cancel()
            #expect(await call.value == .cancelled)
        }
    }

    @Test func nobodyThereIsAnError() async throws {
        let client = try loopbackClient()
        let port = try await LoopbackServer.run(answering: nil) { $0.port }
        #expect(try await code(client, request("http://127.0.0.1:\(port)/")) == .cannotConnect)
        #expect(try await code(client, request("http://no-such-host.invalid/")) == .unknownHost)
    }

    @Test func certificatesAreChecked() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("naru-\(UUID().uuidString).pem").path
        try LoopbackServer.certificatePEM.write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let trusting = try loopbackClient(authorities: [file])
        let strict = try loopbackClient()
        try await LoopbackServer.run(answering: Self.answer, isTLS: true) { server throws in
            let url = "https://localhost:\(server.port)/"
            #expect(try await trusting.send(request(url)).status == 201)
            #expect(try await code(strict, request(url)) == .untrusted)
            // The name counts, not only the authority.
            let other = try await code(trusting, request("https://127.0.0.1:\(server.port)/"))
            #expect(other == .untrusted)
        }
        #expect(throws: (any Error).self) {
            try OutgoingHTTPClient(
                configuration: OutgoingHTTPConfiguration(certificateAuthorities: ["/nowhere/authority.pem"]))
        }
    }
}
