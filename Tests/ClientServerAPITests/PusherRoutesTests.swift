import CanonicalJSON
import ServerUnderTest
import Testing

/// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3pushersset
@Suite struct PusherRoutesTests {
    private static let pusher: JSONObject = [
        "pushkey": "key", "kind": "http", "app_id": "org.example.app", "app_display_name": "App",
        "device_display_name": "Phone", "profile_tag": "tag", "lang": "ko",
        "data": ["url": "https://push.example.org/_matrix/push/v1/notify", "format": "event_id_only", "x": [1, 2]],
    ]

    private func changed(_ changes: [String: JSONValue?]) -> JSONObject {
        var body = Self.pusher
        for (key, value) in changes { body[key] = value }
        return body
    }

    /// Rule 102.
    @Test func pushersAreSetShownAndDeleted() async throws {
        try await TestServer.run { server throws in
            let (alice, bob) = (try await server.user("alice"), try await server.user("bob"))
            let path = "\(v3)/pushers/set"
            #expect(await server.call("GET", "\(v3)/pushers", as: alice).json == ["pushers": []])
            #expect(await server.call("POST", path, as: alice, json: Self.pusher).json == [:])
            #expect(await server.call("GET", "\(v3)/pushers", as: alice).json == ["pushers": [.object(Self.pusher)]])
            #expect(await server.call("GET", "\(v3)/pushers", as: bob).json == ["pushers": []])
            let renamed = changed(["device_display_name": "Tablet", "profile_tag": nil])
            #expect(await server.call("POST", path, as: alice, json: renamed).status == 200)
            #expect(await server.call("GET", "\(v3)/pushers", as: alice).json == ["pushers": [.object(renamed)]])
            let gone: JSONObject = ["kind": .null, "app_id": "org.example.app", "pushkey": "key"]
            #expect(await server.call("POST", path, as: bob, json: gone).status == 200, "there is nothing to delete")
            #expect(await server.call("GET", "\(v3)/pushers", as: alice).json == ["pushers": [.object(renamed)]])
            #expect(await server.call("POST", path, as: alice, json: gone).json == [:])
            #expect(await server.call("GET", "\(v3)/pushers", as: alice).json == ["pushers": []])
        }
    }

    /// Rule 102: the URL leads to a gateway and over TLS, and everything else has a form and a bound.
    @Test func brokenPushersAreRefused() async throws {
        let long = JSONValue.string(String(repeating: "x", count: 600))
        func url(_ text: String) -> [String: JSONValue?] { ["data": ["url": .string(text)]] }
        let notify = "/_matrix/push/v1/notify"
        let cases: [[String: JSONValue?]] = [
            ["kind": nil], ["kind": "email"], ["kind": 7], ["app_id": nil], ["pushkey": nil], ["pushkey": ""],
            ["pushkey": long], ["app_id": .string(String(repeating: "x", count: 65))], ["app_display_name": nil],
            ["device_display_name": nil], ["lang": nil], ["lang": long], ["lang": "a\u{0}"], ["data": nil],
            ["data": "x"], ["data": [:]], ["append": "yes"],
            ["data": ["url": .string("https://a\(notify)"), "x": .string(String(repeating: "x", count: 9_000))]],
            url("http://push.example.org\(notify)"), url("http://127.0.0.1\(notify)"), url("https://a/notify"),
            url("https://a\(notify)/"), url("https://a\(notify)?x=y"), url("ftp://a\(notify)"), url(notify),
            url("https://user:word@a\(notify)"),
        ]
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            for changes in cases {
                let answer = await server.call("POST", "\(v3)/pushers/set", as: alice, json: changed(changes))
                #expect(answer.status == 400 || answer.status == 413, "\(changes)")
                #expect(answer.code != nil)
            }
            #expect(await server.call("GET", "\(v3)/pushers", as: alice).json == ["pushers": []])
        }
    }
}
