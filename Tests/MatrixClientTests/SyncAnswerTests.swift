import CanonicalJSON
import MatrixClient
import MatrixIdentifiers
import RandomJSON
import Testing

@Suite struct SyncAnswerTests {
    private func parse(_ text: String) throws -> JSONObject {
        try #require(try JSONParser.parse(text).objectValue)
    }

    @Test func slidingAnswersAreRead() throws {
        let json = try parse(
            #"""
            {"pos":"7","lists":{"recent":{"count":9},"all":{"count":40}},
             "rooms":{"!a:x":{"initial":true,"membership":"join","limited":true,"prev_batch":"b","joined_count":2,
               "notification_count":3,"highlight_count":1,"heroes":[{"user_id":"@u:x","displayname":"U"}],
               "required_state":[{"type":"m.room.name","state_key":"","content":{"name":"A"}}],
               "timeline":[{"event_id":"$1"},5]},
              "not a room":{},
              "!i:x":{"invite_state":[{"type":"m.room.member","state_key":"@me:x"}]}},
             "extensions":{"to_device":{"next_batch":"t","events":[{"type":"x"}]},
               "e2ee":{"device_lists":{"changed":["@u:x"],"left":[]},"device_one_time_keys_count":{"a":1}},
               "receipts":{"rooms":{"!a:x":{"content":{"$1":{}}}}},
               "typing":{"rooms":{"!t:x":{"content":{"user_ids":["@u:x"]}}}},
               "account_data":{"global":[{"type":"m.direct","content":{}}],"rooms":{"!a:x":[{"type":"m.tag"}]}}}}
            """#)
        let answer = try SyncAnswer(json, form: .slidingV4)
        #expect(answer.outcome == .init(position: "7", toDeviceSince: "t", roomCount: 40))
        #expect(answer.rooms.map(\.id.string) == ["!a:x", "!i:x", "!t:x"])
        let room = try #require(answer.rooms.first)
        #expect(room.isInitial && room.isLimited && room.timeline.count == 1 && room.previousBatch == "b")
        #expect(room.heroes == [.init(userID: UserID("@u:x")!, name: "U")])
        #expect(room.receipts != nil && room.accountData.count == 1)
        #expect(answer.rooms[1].membership == .invite)
        #expect(answer.rooms[2].typing == [UserID("@u:x")!])
        #expect(answer.encryption.changedDeviceLists == ["@u:x"])
        #expect(answer.encryption.toDevice.count == 1)
        #expect(answer.accountData.count == 1)
    }

    @Test func anAnswerWithoutAPositionIsNone() {
        #expect(throws: ClientError.self) { try SyncAnswer([:], form: .slidingV4) }
        #expect(throws: ClientError.self) { try SyncAnswer(["pos": "1"], form: .v3) }
    }

    /// Whatever a server says, it is read or refused, and never crashes.
    @Test func anyJSONIsReadOrRefused() {
        var generator = SeededGenerator.fresh()
        for _ in 0..<2_000 {
            var json = RandomJSON.object(using: &generator)
            json["pos"] = "1"
            json["next_batch"] = "1"
            let room = JSONValue.object(RandomJSON.object(using: &generator))
            json["rooms"] = [
                "!a:x": room, "join": ["!b:x": room], "invite": ["!c:x": room], "leave": .array([room]),
            ]
            json["extensions"] = .object(RandomJSON.object(using: &generator))
            for form in [SyncForm.slidingV4, .slidingUnstable, .v3] {
                do {
                    let answer = try SyncAnswer(json, form: form)
                    #expect(answer.outcome.position == "1", "seed \(generator.seed)")
                } catch {
                    Issue.record("refused with a position, seed \(generator.seed)")
                }
            }
        }
    }
}
