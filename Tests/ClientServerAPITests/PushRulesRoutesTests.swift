import CanonicalJSON
import ServerUnderTest
import Testing

/// https://spec.matrix.org/v1.19/client-server-api/#push-rules-api
@Suite struct PushRulesRoutesTests {
    private let rules = "\(v3)/pushrules/global"

    private func ruleIDs(_ kind: String, of user: TestUser, _ server: TestServer) async -> [String] {
        let answer = await server.call("GET", "\(rules)/", as: user)
        return (answer.json[kind]?.arrayValue ?? []).filter { $0["default"] == false }
            .compactMap { $0["rule_id"]?.stringValue }
    }

    /// Rules 94 and 96: rules of every kind come and go; the server's stay.
    @Test func rulesComeAndGo() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let requests: [(String, String, JSONObject)] = [
                ("override", "o", ["actions": ["notify"], "conditions": [["kind": "unheard.of", "x": 1]]]),
                (
                    "content", "c",
                    ["actions": ["notify", ["set_tweak": "sound", "value": "bing"]], "pattern": "cake*lie"]
                ),
                ("room", "!room:test", ["actions": ["dont_notify"]]), ("sender", "@bob:test", ["actions": []]),
                ("underride", "u", ["actions": ["notify", "coalesce"], "conditions": []]),
            ]
            for (kind, ruleID, body) in requests {
                let path = "\(rules)/\(kind)/\(ruleID)"
                #expect(await server.call("GET", path, as: alice).code == "M_NOT_FOUND")
                #expect(await server.call("PUT", path, as: alice, json: body).json == [:])
                let rule = await server.call("GET", path, as: alice)
                #expect(rule.status == 200)
                #expect(rule.json["enabled"] == true, "new rules are in force")
                #expect(rule.json["default"] == false)
                #expect(
                    rule.json["conditions"] == (kind == "override" || kind == "underride" ? body["conditions"] : nil))
                #expect(rule.json["pattern"] == body["pattern"])
                // What older versions had means nothing.
                let actions = (body["actions"]?.arrayValue ?? []).filter { $0 != "dont_notify" && $0 != "coalesce" }
                #expect(await server.call("GET", "\(path)/actions", as: alice).json == ["actions": .array(actions)])
            }
            for (kind, ruleID, _) in requests {
                let path = "\(rules)/\(kind)/\(ruleID)"
                #expect(await ruleIDs(kind, of: alice, server) == [ruleID])
                #expect(await server.call("DELETE", path, as: alice).status == 200)
                #expect(await server.call("DELETE", path, as: alice).code == "M_NOT_FOUND")
                #expect(await ruleIDs(kind, of: alice, server) == [])
            }
            let answer = await server.call("DELETE", "\(rules)/override/.m.rule.reaction", as: alice)
            #expect(answer.status == 400)
            #expect(await server.call("GET", "\(rules)/override/.m.rule.reaction", as: alice).status == 200)
        }
    }

    /// Rule 96: the place of a new rule.
    @Test func rulesGoWhereTheyAreAsked() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            func put(_ ruleID: String, _ query: String = "") async -> Answer {
                await server.call(
                    "PUT", "\(rules)/override/\(ruleID)\(query)", as: alice, json: ["actions": ["notify"]])
            }
            #expect(await put("a").status == 200)
            #expect(await put("b").status == 200)
            #expect(await put("c", "?after=b").status == 200)
            #expect(await put("d", "?before=b").status == 200)
            #expect(await put("e", "?before=a&after=d").status == 200)
            #expect(await ruleIDs("override", of: alice, server) == ["d", "b", "c", "e", "a"])
            #expect(await put("d", "?after=a").status == 200)
            #expect(await ruleIDs("override", of: alice, server) == ["b", "c", "e", "a", "d"])
            for query in ["?before=missing", "?after=missing", "?before=.m.rule.master"] {
                let answer = await put("f", query)
                #expect(answer.status == 400)
                #expect(answer.code == "M_UNKNOWN")
            }
            #expect(await ruleIDs("override", of: alice, server) == ["b", "c", "e", "a", "d"])
        }
    }

    /// Rule 96: the server's rules can be disabled and given other actions; and back again.
    @Test func theServersRulesCanBeChanged() async throws {
        try await TestServer.run { server throws in
            let (alice, bob) = (try await server.user("alice"), try await server.user("bob"))
            let roomID = try await server.room(of: [alice, bob])
            let path = "\(rules)/underride/.m.rule.room_one_to_one"
            let all = "\(rules)/override/.m.rule.master"
            func count() async throws -> Int64? { try await server.sync(bob).room(roomID)?.notificationCount }

            #expect(await server.call("PUT", "\(path)/actions", as: bob, json: ["actions": []]).json == [:])
            #expect(await server.call("GET", "\(path)/actions", as: bob).json == ["actions": []])
            try await server.say("one", as: alice, in: roomID)
            #expect(try await count() == 0)
            #expect(await server.call("PUT", "\(path)/enabled", as: bob, json: ["enabled": false]).json == [:])
            #expect(await server.call("GET", "\(path)/enabled", as: bob).json == ["enabled": false])
            try await server.say("two", as: alice, in: roomID)
            #expect(try await count() == 2, "the next rule counts both: what is unread is counted by today's rules")
            #expect(await server.call("PUT", "\(all)/enabled", as: bob, json: ["enabled": true]).status == 200)
            try await server.say("three", as: alice, in: roomID)
            #expect(try await count() == 0)

            for (path, body) in [
                ("\(path)/enabled", ["enabled": "yes"] as JSONObject), ("\(path)/enabled", [:]),
                ("\(path)/actions", [:]), ("\(path)/actions", ["actions": ["leap"]]),
            ] {
                #expect(await server.call("PUT", path, as: bob, json: body).status == 400)
            }
            for end in ["enabled", "actions"] {
                let body: JSONObject = ["enabled": true, "actions": []]
                #expect(
                    await server.call("PUT", "\(rules)/room/!x:y/\(end)", as: bob, json: body).code == "M_NOT_FOUND")
                #expect(await server.call("GET", "\(rules)/room/!x:y/\(end)", as: bob).code == "M_NOT_FOUND")
            }
        }
    }

    /// Rules 95 and 96: what is broken is refused, and changes nothing.
    @Test(arguments: [
        ("override/.m.mine", #"{"actions":[]}"#), ("override/a%5Cb", #"{"actions":[]}"#),
        ("override/a%2Fb", #"{"actions":[]}"#), ("fancy/a", #"{"actions":[]}"#), ("override/a", "{}"),
        ("override/a", #"{"actions":"notify"}"#), ("override/a", #"{"actions":[1]}"#),
        ("override/a", #"{"actions":["leap"]}"#), ("override/a", #"{"actions":[{"value":1}]}"#),
        ("override/a", #"{"actions":[],"conditions":{}}"#), ("override/a", #"{"actions":[],"conditions":["x"]}"#),
        ("override/a", #"{"actions":[],"conditions":[{"key":"x"}]}"#),
        ("override/a", #"{"actions":[],"conditions":[{"kind":"event_match","key":"type"}]}"#),
        ("underride/a", #"{"actions":[],"conditions":[{"kind":"room_member_count","is":"many"}]}"#),
        ("underride/a", #"{"actions":[],"conditions":[{"kind":"event_property_is","key":"a","value":{}}]}"#),
        ("content/a", #"{"actions":[]}"#), ("content/a", #"{"actions":[],"pattern":""}"#),
        ("content/a", #"{"actions":[],"pattern":7}"#), ("override/a", "[]"), ("override/a", "{"),
    ])
    func brokenRulesAreRefused(path: String, body: String) async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let before = await server.call("GET", "\(v3)/pushrules/", as: alice).json
            let answer = await server.call("PUT", "\(rules)/\(path)", as: alice, body: body)
            #expect(answer.status == 400)
            #expect(answer.code != nil)
            #expect(await server.call("GET", "\(v3)/pushrules/", as: alice).json == before)
        }
    }

    @Test func aUserHasABoundedNumberOfRules() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let conditions = JSONValue.array(
                (0..<50).map {
                    [
                        "kind": "event_match", "key": "type",
                        "pattern": .string("p\($0)" + String(repeating: "x", count: 400)),
                    ]
                })
            var status = 200
            var count = 0
            while status == 200, count < 100 {
                count += 1
                status = await server.call(
                    "PUT", "\(rules)/override/\(count)", as: alice, json: ["actions": [], "conditions": conditions]
                ).status
            }
            #expect(status == 413)
            #expect(await ruleIDs("override", of: alice, server).count == count - 1)
        }
    }

    /// Rules 70 and 101: a change wakes the user's syncs and is shown there; account data is no way around.
    @Test func changesGoDownTheSync() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let first = try await server.sync(alice)
            #expect(first.accountData("m.push_rules")?["global"]?["override"] != nil)
            let waiting = Task { try await server.sync(alice, since: first.nextBatch, timeoutMilliseconds: 30_000) }
            while server.sync.waitCount == 0 { await Task.yield() }
            let path = "\(rules)/sender/@bob:test"
            #expect(await server.call("PUT", path, as: alice, json: ["actions": []]).status == 200)
            let answer = try await waiting.value
            let shown = try #require(answer.accountData("m.push_rules"))
            #expect(shown["global"]?["sender"]?[0]?["rule_id"] == "@bob:test")
            #expect(await server.call("GET", "\(v3)/pushrules", as: alice).json == shown)
            let data = "\(v3)/user/\(alice.userID)/account_data/m.push_rules"
            #expect(await server.call("GET", data, as: alice).json == shown)
            let refused = await server.call("PUT", data, as: alice, json: ["global": [:]])
            #expect(refused.status == 405)
            #expect(refused.code == "M_BAD_JSON")
            // Rules outlast the server.
            try await server.afterRestart { next in
                #expect(await next.call("GET", "\(v3)/pushrules/", as: alice).json == shown)
            }
        }
    }
}
