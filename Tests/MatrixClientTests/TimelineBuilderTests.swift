import CanonicalJSON
import MatrixClient
import MatrixIdentifiers
import Testing

@Suite struct TimelineBuilderTests {
    static let me = UserID("@me:test")!
    static let you = UserID("@you:test")!
    static let other = UserID("@other:test")!
    static let room = RoomID("!room:test")!

    /// A conversation that a test writes line by line.
    struct Script {
        var events: [StoredEvent] = []
        var input: TimelineInput { TimelineInput(ownUserID: me, events: events) }

        mutating func add(
            _ id: String, by sender: UserID = you, type: String = "m.room.message", _ content: JSONObject,
            stateKey: String? = nil, unsigned: JSONObject = [:], at timestamp: Int64? = nil
        ) {
            let place = Int64(events.count + 1)
            var event: JSONObject = [
                "event_id": .string(id), "sender": .string(sender.string), "type": .string(type),
                "content": .object(content), "origin_server_ts": .integer(timestamp ?? place * 1000),
                "unsigned": .object(unsigned),
            ]
            if let stateKey { event["state_key"] = .string(stateKey) }
            events.append(StoredEvent(place: place, event: event))
        }

        mutating func say(_ id: String, _ text: String, by sender: UserID = you) {
            add(id, by: sender, ["msgtype": "m.text", "body": .string(text)])
        }

        mutating func edit(_ id: String, of target: String, to text: String, by sender: UserID = you) {
            add(
                id, by: sender,
                [
                    "msgtype": "m.text", "body": .string("* " + text),
                    "m.new_content": ["msgtype": "m.text", "body": .string(text)],
                    "m.relates_to": ["rel_type": "m.replace", "event_id": .string(target)],
                ])
        }

        mutating func react(_ id: String, to target: String, _ key: String, by sender: UserID = you) {
            add(
                id, by: sender, type: "m.reaction",
                ["m.relates_to": ["rel_type": "m.annotation", "event_id": .string(target), "key": .string(key)]])
        }

        mutating func join(_ user: UserID, name: String? = nil) {
            var content: JSONObject = ["membership": "join"]
            if let name { content["displayname"] = .string(name) }
            add("$join\(user.localpart)", by: user, type: "m.room.member", content, stateKey: user.string)
        }
    }

    private func body(_ item: TimelineItem?) -> String? {
        if case .message(let message)? = item?.content { message.body } else { nil }
    }

    private func entry(
        _ transaction: String, _ content: JSONObject, type: String = "m.room.message", target: String? = nil
    ) -> QueueEntry {
        QueueEntry(
            roomID: Self.room, place: 1, transactionID: transaction, kind: .event(type: type), content: content,
            target: target, timestamp: 99_000)
    }

    // MARK: Relations

    @Test func theLatestEditOfTheSenderCounts() {
        var script = Script()
        script.say("$1", "one")
        script.edit("$2", of: "$1", to: "two")
        script.edit("$3", of: "$1", to: "three")
        script.edit("$4", of: "$1", to: "forged", by: Self.other)
        let items = TimelineBuilder.snapshot(script.input).items
        #expect(items.count == 1)
        #expect(body(items.first) == "three")
        #expect(items.first?.isEdited == true)
    }

    /// An edit in the clear of an encrypted message would be the server's word for the sender's.
    @Test func anEncryptedMessageIsNotEditedInTheClear() {
        var script = Script()
        script.add("$1", type: "m.room.encrypted", ["algorithm": "m.megolm.v1.aes-sha2"])
        script.events[0].clear = .init(type: "m.room.message", content: ["msgtype": "m.text", "body": "secret"])
        script.edit("$2", of: "$1", to: "forged")
        #expect(body(TimelineBuilder.snapshot(script.input).items.first) == "secret")
    }

    @Test func anEditOfAnEditOrOfStateIsNone() {
        var script = Script()
        script.say("$1", "one")
        script.edit("$2", of: "$1", to: "two")
        script.edit("$3", of: "$2", to: "three")
        #expect(body(TimelineBuilder.snapshot(script.input).items.first) == "two")
    }

    @Test func reactionsAreCountedOncePerPersonAndInOrder() throws {
        var script = Script()
        script.say("$1", "hi")
        script.react("$2", to: "$1", "👍")
        script.react("$3", to: "$1", "🎉", by: Self.me)
        script.react("$4", to: "$1", "👍", by: Self.me)
        script.react("$5", to: "$1", "👍")
        let item = try #require(TimelineBuilder.snapshot(script.input).items.first)
        #expect(item.reactions.map(\.key) == ["👍", "🎉"])
        #expect(item.reactions.first?.senders == [Self.you, Self.me])
        #expect(item.reactions.first?.isMine == true)
    }

    /// Swift's `String` would take them for the same.
    @Test func reactionsThatDifferInBytesOnlyAreTwo() throws {
        var script = Script()
        script.say("$1", "hi")
        script.react("$2", to: "$1", "\u{E9}")
        script.react("$3", to: "$1", "e\u{301}")
        #expect(try #require(TimelineBuilder.snapshot(script.input).items.first).reactions.count == 2)
    }

    @Test func redactedEventsLeaveALineOrNone() {
        var script = Script()
        script.say("$1", "gone")
        script.react("$2", to: "$1", "👍")
        script.events[0] = script.events[0].redacted(
            because: ["sender": .string(Self.you.string), "content": ["reason": "spam"]])
        script.events[1] = script.events[1].redacted(because: ["sender": .string(Self.you.string)])
        let items = TimelineBuilder.snapshot(script.input).items
        #expect(items.map(\.content) == [.redacted(by: Self.you, reason: "spam")])
        #expect(items.first?.reactions.isEmpty == true)
    }

    @Test func aReplyShowsWhatItAnswersAsItIsNow() throws {
        var script = Script()
        script.join(Self.you, name: "You")
        script.say("$1", "question")
        script.add(
            "$2", by: Self.me,
            [
                "msgtype": "m.text", "body": "> <@you:test> question\n\nanswer",
                "m.relates_to": ["m.in_reply_to": ["event_id": "$1"]],
            ])
        script.edit("$3", of: "$1", to: "better question")
        var input = script.input
        input.members.apply(script.events[0].event)
        let item = try #require(TimelineBuilder.snapshot(input).items.last)
        #expect(body(item) == "answer")
        #expect(item.replyTo == RepliedMessage(eventID: EventID("$1")!, senderName: "You", body: "better question"))
    }

    @Test func unreadableEventsSayWhy() {
        var script = Script()
        script.add("$1", type: "m.room.encrypted", ["algorithm": "m.megolm.v1.aes-sha2", "session_id": "s"])
        script.events[0].unreadable = .withheld(code: "m.unverified")
        let items = TimelineBuilder.snapshot(script.input).items
        #expect(items.map(\.content) == [.unreadable(.withheld(code: "m.unverified"))])
    }

    @Test func whoIsIgnoredIsNotHeard() {
        var script = Script()
        script.say("$1", "spam", by: Self.other)
        script.say("$2", "hi")
        script.react("$3", to: "$2", "👍", by: Self.other)
        var input = script.input
        input.ignoredUsers = [Self.other]
        let items = TimelineBuilder.snapshot(input).items
        #expect(items.map(body) == ["hi"])
        #expect(items.first?.reactions.isEmpty == true)
    }

    // MARK: Local echo

    @Test func whatWaitsIsAtTheEndAndKeepsItsIdentityWhenItComesBack() throws {
        var script = Script()
        script.say("$1", "hi")
        var input = script.input
        input.queue = [entry("t1", ["msgtype": "m.text", "body": "mine"])]
        let before = try #require(TimelineBuilder.snapshot(input).items.last)
        #expect(before.sending == .waiting)
        #expect(before.isOwn)
        script.add(
            "$2", by: Self.me, ["msgtype": "m.text", "body": "mine"], unsigned: ["transaction_id": "t1"])
        let after = TimelineBuilder.snapshot(script.input).items
        #expect(after.count == 2)
        #expect(after.last?.id == before.id)
        #expect(after.last?.sending == nil)
    }

    /// The answer to the request is there, and the event too: it is one line.
    @Test func whatWasSentIsNotShownTwice() {
        var script = Script()
        script.add("$1", by: Self.me, ["msgtype": "m.text", "body": "mine"])
        var input = script.input
        var sent = entry("t1", ["msgtype": "m.text", "body": "mine"])
        sent.state = .sent(eventID: "$1")
        input.queue = [sent]
        #expect(TimelineBuilder.snapshot(input).items.count == 1)
    }

    @Test func editsAndReactionsAndRedactionsThatWaitAreShownAtOnce() throws {
        var script = Script()
        script.say("$1", "one", by: Self.me)
        script.say("$2", "two", by: Self.me)
        var input = script.input
        input.queue = [
            entry(
                "t1",
                [
                    "m.new_content": ["msgtype": "m.text", "body": "uno"],
                    "m.relates_to": ["rel_type": "m.replace", "event_id": "$1"],
                ], target: "$1"),
            entry(
                "t2", ["m.relates_to": ["rel_type": "m.annotation", "event_id": "$1", "key": "👍"]],
                type: "m.reaction", target: "$1"),
            QueueEntry(
                roomID: Self.room, place: 3, transactionID: "t3", kind: .redaction(reason: nil), content: [:],
                target: "$2", timestamp: 1),
        ]
        let items = TimelineBuilder.snapshot(input).items
        #expect(items.count == 2)
        #expect(body(items.first) == "uno")
        #expect(items.first?.reactions == [Reaction(key: "👍", senders: [Self.me], isMine: true)])
        #expect(items.last?.content == .redacted(by: Self.me, reason: nil))
    }

    // MARK: Who has read

    /// The number beside each message: 2 → 1 → 0 as the others read, and who came late is not counted.
    @Test func theUnreadNumberFallsAsTheOthersRead() {
        var script = Script()
        for user in [Self.me, Self.you, Self.other] { script.join(user) }
        script.say("$1", "hi", by: Self.me)
        var late = script
        late.join(UserID("@late:test")!)
        var input = late.input
        for event in late.events where event.stateKey != nil { input.members.apply(event.event) }
        func number() -> Int? {
            TimelineBuilder.snapshot(input).items.first { $0.eventID?.string == "$1" }?.unreadCount
        }
        #expect(number() == 2)
        input.receipts[Self.you] = .init(eventID: "$1", timestamp: 5_000)
        #expect(number() == 1)
        // A receipt at an event that is not loaded: its time says enough.
        input.receipts[Self.other] = .init(eventID: "$elsewhere", timestamp: 9_000)
        #expect(number() == 0)
    }

    @Test func receiptsStandAtTheLastLineTheyCover() {
        var script = Script()
        script.say("$1", "one", by: Self.me)
        script.say("$2", "two", by: Self.me)
        script.react("$3", to: "$1", "👍", by: Self.me)
        var input = script.input
        input.receipts[Self.you] = .init(eventID: "$3", timestamp: 1)
        let items = TimelineBuilder.snapshot(input).items
        #expect(items.map(\.readBy) == [[], [Self.you]])
    }

    @Test func theFirstUnreadLineIsOfSomebodyElse() {
        var script = Script()
        script.say("$1", "read")
        script.say("$2", "mine", by: Self.me)
        script.say("$3", "unread")
        var input = script.input
        input.readPlace = 1
        #expect(TimelineBuilder.snapshot(input).firstUnread == TimelineItem.ID("$3"))
    }

    // MARK: State

    @Test func membershipLinesSayWhatHappened() {
        var script = Script()
        let you = Self.you.string
        func member(_ membership: JSONValue, name: JSONValue? = nil) -> JSONObject {
            var content: JSONObject = ["membership": membership]
            if let name { content["displayname"] = name }
            return content
        }
        let steps: [(JSONObject, JSONObject, UserID, MembershipChange.Kind)] = [
            ([:], member("invite"), Self.me, .invited), (member("invite"), member("join"), Self.you, .joined),
            (member("join"), member("join", name: "Y"), Self.you, .renamed(from: nil, to: "Y")),
            (member("join"), member("leave"), Self.me, .kicked), (member("leave"), member("ban"), Self.me, .banned),
            (member("ban"), member("leave"), Self.me, .unbanned),
            (member("invite"), member("leave"), Self.you, .inviteRejected),
            (member("invite"), member("leave"), Self.me, .inviteWithdrawn),
            (member("join"), member("leave"), Self.you, .left),
        ]
        for (index, step) in steps.enumerated() {
            script.add(
                "$\(index)", by: step.2, type: "m.room.member", step.1, stateKey: you,
                unsigned: ["prev_content": .object(step.0)])
        }
        let kinds = TimelineBuilder.snapshot(script.input).items.map { item in
            if case .membership(let change) = item.content { change.kind } else { MembershipChange.Kind.none }
        }
        #expect(kinds == steps.map(\.3))
    }

    @Test func anUnchangedMemberEventIsNoLine() {
        var script = Script()
        script.add(
            "$1", type: "m.room.member", ["membership": "join"], stateKey: Self.you.string,
            unsigned: ["prev_content": ["membership": "join"]])
        #expect(TimelineBuilder.snapshot(script.input).items.isEmpty)
    }
}
