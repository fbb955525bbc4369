import CanonicalJSON
import ClientServerAPI
import HTTPServing
import Logging
import Observation
import ServerUnderTest
import Synchronization
import Testing

@Suite struct ObservationTests {
    private func responder(_ server: TestServer) -> ObservationResponder {
        ObservationResponder(
            homeserver: server.homeserver,
            metrics: ServerMetrics(
                homeserver: server.homeserver, api: server.api, version: "1.2.3", databaseByteCounts: { (4096, 7) }))
    }

    private func get(_ path: String, _ responder: ObservationResponder) async -> (status: Int, body: String) {
        let response = await responder.respond(to: HTTPRequest(method: "GET", path: path))
        return (response.status, String(decoding: response.body, as: UTF8.self))
    }

    @Test func requestsAreCountedByOperationAndStatus() async throws {
        try await TestServer.run { server in
            let alice = try await server.user("alice")
            let path = "/_matrix/client/v3/account/whoami"
            for token in [alice.accessToken, alice.accessToken, "wrong"] {
                _ = await server.api.respond(
                    to: HTTPRequest(method: "GET", path: path, headers: [("Authorization", "Bearer \(token)")]))
            }
            _ = await server.api.respond(to: HTTPRequest(method: "GET", path: "/_matrix/client/v3/none"))
            let text = await get("/metrics", responder(server)).body
            #expect(text.contains(#"naru_requests_total{operation="getTokenOwner",status="200"} 2"#))
            #expect(text.contains(#"naru_requests_total{operation="getTokenOwner",status="401"} 1"#))
            #expect(text.contains(#"naru_requests_total{operation="none",status="404"} 1"#))
            #expect(text.contains(#"naru_request_seconds_count{operation="getTokenOwner"} 3"#))
            // What nobody asked for takes no line.
            #expect(!text.contains("getCapabilities"))
        }
    }

    @Test func theServersOwnFiguresAreThere() async throws {
        try await TestServer.run { server in
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            try await server.say("hello", as: alice, in: room)
            let text = await get("/metrics", responder(server)).body
            #expect(text.contains(#"naru_build_info{version="1.2.3"} 1"#))
            #expect(text.contains("naru_database_bytes 4096\n"))
            #expect(text.contains("naru_database_log_bytes 7\n"))
            #expect(text.contains("naru_rooms_in_memory 1\n"))
            #expect(text.contains("naru_syncs_waiting 0\n"))
            #expect(text.contains("naru_writes_pending 0\n"))
            #expect(text.contains("naru_stream_position \(server.writes.publishedPosition)\n"))
            let batches = server.writes.statistics.batchSizes.snapshot
            #expect(batches.count > 0 && text.contains("naru_write_batch_commands_count \(batches.count)\n"))
            #expect(server.writes.statistics.commitTimes.snapshot.count == batches.count)
            // No identifier gets into the figures.
            #expect(!text.contains("alice") && !text.contains(room.string))
        }
    }

    @Test func aServerIsReadyUntilItStops() async throws {
        let clock = ManualClock()
        let server = try await TestServer(
            folder: TemporaryFolder(), clock: clock, environment: .manual(clock))
        let responder = responder(server)
        #expect(await get("/ready", responder) == (200, #"{"status":"ok"}"#))
        #expect(await get("/other", responder).status == 404)
        #expect(await responder.respond(to: HTTPRequest(method: "POST", path: "/metrics")).status == 405)
        try await server.stop()
        #expect(await get("/ready", responder).status == 503)
        #expect(await get("/health", responder).status == 200)
    }

    @Test func logsInJSONAreOneObjectALine() throws {
        let lines = Mutex<[[UInt8]]>([])
        var logger = Logger(label: "test") { _ in
            JSONLogHandler(now: { 1_800_000_000_042 }, write: { line in lines.withLock { $0.append(line) } })
        }
        logger.logLevel = .info
        logger[metadataKey: "part"] = "rooms"
        logger.debug("not this")
        logger.warning("a \"chore\" failed\n", metadata: ["chore": "evicting", "level": "not the level"])
        let written = lines.withLock { $0 }
        #expect(written.count == 1 && written[0].last == UInt8(ascii: "\n"))
        #expect(written[0].filter { $0 == UInt8(ascii: "\n") }.count == 1)
        let object = try JSONObject(parsing: written[0])
        #expect(object["time"]?.stringValue == "2027-01-15T08:00:00.042Z")
        #expect(object["level"]?.stringValue == "warning")
        #expect(object["message"]?.stringValue == "a \"chore\" failed\n")
        #expect(object["chore"]?.stringValue == "evicting")
        #expect(object["part"]?.stringValue == "rooms")
    }
}
