import CanonicalJSON
import HTTPServing
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import Rooms
import ServerUnderTest

/// The server and the model side by side: what the server accepts, the model is told.
struct Stage {
    private(set) var server: TestServer
    let users: [TestUser]
    private(set) var world = World()
    private var sendCount = 0

    init(_ server: TestServer, _ users: [TestUser]) {
        self.server = server
        self.users = users
    }

    func user(_ number: Int) -> TestUser { users[number % users.count] }
    func id(_ number: Int) -> String { user(number).userID.string }

    // MARK: Requests

    struct Reply {
        let status: Int
        let json: JSONObject
        var code: String? { json["errcode"]?.stringValue }
    }

    func call(
        _ method: String, _ path: String, query: [(String, String)] = [], as user: TestUser, body: JSONObject? = nil
    ) async throws -> Reply {
        let query = query.map { "\($0.0)=\(Self.escaped($0.1))" }.joined(separator: "&")
        let response = await server.api.respond(
            to: HTTPRequest(
                method: method, path: path, query: query,
                headers: [("Authorization", "Bearer \(user.accessToken)")], body: body?.bytes() ?? []))
        return Reply(status: response.status, json: (try? JSONObject(parsing: response.body)) ?? [:])
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            if isPlain { return String(UnicodeScalar(byte)) }
            return "%" + String(Int(byte) + 256, radix: 16).dropFirst().uppercased()
        }.joined()
    }

    // MARK: What happens

    /// The services begin anew on what is stored.
    mutating func restart() async throws {
        let next = try await server.reopened()
        try await server.stop()
        server = next
        for index in world.rooms.indices { world.rooms[index].typing = [] }
    }

    /// Does something that the server may refuse; then nothing has happened.
    mutating func perform(_ action: Step.Action, by number: Int, room: Int) async throws {
        server.clock.advance(milliseconds: 1)
        do {
            if case .create(let visibility, let joinRule) = action {
                guard world.rooms.count < 4 else { return }
                try await create(visibility, joinRule, by: user(number))
            } else if !world.rooms.isEmpty {
                let index = room % world.rooms.count
                try await perform(action, by: user(number), index: index)
            }
        } catch is MatrixError {
            // Refused.
        }
        try await readNews()
    }

    private static let visibilities = ["shared", "invited", "joined", "world_readable"]
    private static let joinRules = ["public", "knock", "invite"]

    private mutating func create(_ visibility: Int, _ joinRule: Int, by user: TestUser) async throws {
        var creation = RoomCreation()
        creation.preset = .publicChat
        creation.initialState = [
            .init(
                type: "m.room.history_visibility", stateKey: "",
                content: ["history_visibility": .string(Self.visibilities[visibility])]),
            .init(type: "m.room.join_rules", stateKey: "", content: ["join_rule": .string(Self.joinRules[joinRule])]),
        ]
        creation.powerLevelOverride = ["invite": 0, "redact": 50]
        let roomID = try await server.rooms.create(creation, creator: user.userID)
        let number = try await server.rooms.room(roomID).number
        world.rooms.append(World.Room(roomID: roomID, number: number))
    }

    /// Takes over what the rooms' histories have become.
    private mutating func readNews() async throws {
        let rooms = world.rooms.map { ($0.number, $0.readUpTo) }
        let records = try await server.database.read { store in
            try rooms.map { number, readUpTo in
                try store.timeline(
                    of: number, after: readUpTo, before: StreamPosition(.max), limit: 1_000, direction: .forward)
            }
        }
        for (index, records) in records.enumerated() {
            for record in records {
                world.add(try JSONObject(parsing: record.pdu), eventID: record.eventID.string, at: index)
                world.rooms[index].readUpTo = record.position
            }
        }
    }

    private mutating func perform(_ action: Step.Action, by user: TestUser, index: Int) async throws {
        let (rooms, roomID, me) = (server.rooms, world.rooms[index].roomID, user.userID)
        switch action {
        case .create: break
        case .invite(let target):
            try await rooms.invite(self.user(target).userID, to: roomID, by: me, reason: nil)
        case .join: try await rooms.join(roomID, userID: me, reason: nil)
        case .leave: try await rooms.leave(roomID, userID: me, reason: nil)
        case .kick(let target): try await rooms.kick(self.user(target).userID, from: roomID, by: me, reason: nil)
        case .ban(let target): try await rooms.ban(self.user(target).userID, from: roomID, by: me, reason: nil)
        case .unban(let target): try await rooms.unban(self.user(target).userID, from: roomID, by: me, reason: nil)
        case .knock: try await rooms.knock(roomID, userID: me, reason: nil)
        case .forget:
            try await rooms.forget(roomID, userID: me)
            world.rooms[index].forgottenBy.insert(me.string)
        case .receipt(let pick, let isPrivate, let threading):
            try await mark(pick, isPrivate, threading, by: user, index)
        case .ignore, .accountData, .roomAccountData, .profile, .typing:
            try await performSetting(action, by: user, index)
        case .name, .topic, .visibility, .level, .state:
            try await performState(action, by: user, roomID, world.rooms[index])
        case .send, .reply, .react, .edit, .redact: try await performMessage(action, by: user, roomID, index)
        }
    }

    // MARK: Messages

    private mutating func performMessage(
        _ action: Step.Action, by user: TestUser, _ roomID: RoomID, _ index: Int
    ) async throws {
        sendCount += 1
        let room = world.rooms[index]
        var content: JSONObject = ["msgtype": "m.text", "body": .string("text \(sendCount)")]
        func mention(_ target: Int?) {
            if let target { content["m.mentions"] = ["user_ids": [.string(id(target))]] }
        }
        func pick(_ pick: Int, _ isWanted: (World.Event) -> Bool) -> World.Event? {
            let events = room.events.filter(isWanted)
            return events.isEmpty ? nil : events[events.count - 1 - pick % events.count]
        }
        func isMessage(_ event: World.Event) -> Bool { event.type == "m.room.message" }
        var type = "m.room.message"
        switch action {
        case .send(let target): mention(target)
        case .reply(let number, let target):
            guard let root = pick(number, { isMessage($0) && $0.relatesTo == nil }) else { return }
            mention(target)
            content["m.relates_to"] = ["rel_type": "m.thread", "event_id": .string(root.eventID)]
        case .react(let number):
            guard let parent = pick(number, isMessage) else { return }
            type = "m.reaction"
            content = [
                "m.relates_to": [
                    "rel_type": "m.annotation", "event_id": .string(parent.eventID), "key": .string("\(sendCount % 2)"),
                ]
            ]
        case .edit(let number):
            let isOwn = { isMessage($0) && $0.sender == user.userID.string && $0.relatesTo?["rel_type"] != "m.replace" }
            guard let parent = pick(number, isOwn) else { return }
            content["m.new_content"] = ["msgtype": "m.text", "body": .string("edited \(sendCount)")]
            content["m.relates_to"] = ["rel_type": "m.replace", "event_id": .string(parent.eventID)]
        case .redact(let number):
            let unprotected = ["m.room.create", "m.room.power_levels", "m.room.join_rules", "m.room.member"]
            let target = pick(number) { !unprotected.contains($0.type) }
            guard let eventID = target.flatMap({ EventID($0.eventID) }) else { return }
            _ = try await server.rooms.redact(
                eventID, in: roomID, reason: nil, transactionID: "t\(sendCount)", sender: user.sender)
            return
        default: return
        }
        _ = try await server.rooms.send(
            type, content: content, to: roomID, transactionID: "t\(sendCount)", sender: user.sender)
    }

    // MARK: State

    private func performState(
        _ action: Step.Action, by user: TestUser, _ roomID: RoomID, _ room: World.Room
    ) async throws {
        func set(_ type: String, _ key: String = "", _ content: JSONObject) async throws {
            _ = try await server.rooms.setState(type, stateKey: key, content: content, in: roomID, sender: user.userID)
        }
        switch action {
        case .name(let number): try await set("m.room.name", "", ["name": .string(number == 0 ? "" : "Room \(number)")])
        case .topic(let number): try await set("m.room.topic", "", ["topic": .string("topic \(number)")])
        case .visibility(let number):
            let value = Self.visibilities[number]
            try await set("m.room.history_visibility", "", ["history_visibility": .string(value)])
        case .level(let target, let number):
            guard var content = room.state()[StateTuple("m.room.power_levels")]?.content else { return }
            var levels = content["users"]?.objectValue ?? [:]
            // Those who made the room stand above all levels and may not be named.
            guard room.events.first?.sender != id(target) else { return }
            levels[id(target)] = .integer(number == 0 ? 0 : 50)
            content["users"] = .object(levels)
            try await set("m.room.power_levels", "", content)
        case .state(let key, let value): try await set("x.state", "k\(key)", ["v": .integer(Int64(value))])
        default: break
        }
    }

    // MARK: Receipts and settings

    private mutating func mark(
        _ pick: Int, _ isPrivate: Bool, _ threading: Int, by user: TestUser, _ index: Int
    ) async throws {
        let room = world.rooms[index]
        guard !room.events.isEmpty else { return }
        let event = room.events[room.events.count - 1 - pick % room.events.count]
        guard let eventID = EventID(event.eventID) else { return }
        let thread: String? =
            switch threading {
            case 0: nil
            case 1: "main"
            default: event.thread ?? event.eventID
            }
        let type: RoomService.ReceiptType = isPrivate ? .readPrivate : .read
        try await server.rooms.mark(
            [.init(type: type, eventID: eventID, threadID: thread)], in: room.roomID, userID: user.userID)
        world.setReceipt(
            .init(user: user.userID.string, type: type.rawValue, thread: thread), to: event.eventID, at: index)
    }

    private mutating func performSetting(_ action: Step.Action, by user: TestUser, _ index: Int) async throws {
        let me = user.userID.string
        let (room, v3) = (world.rooms[index], "/_matrix/client/v3")
        switch action {
        case .ignore(let target, let isIgnored):
            var users = world.ignored[me] ?? []
            if isIgnored, id(target) != me { users.insert(id(target)) } else { users.remove(id(target)) }
            let content = JSONObject(members: users.sorted().map { ($0, [:]) })
            try await server.accounts.setAccountData(
                "m.ignored_user_list", of: user.userID, room: nil, content: ["ignored_users": .object(content)])
            world.setIgnored(users, by: me)
            world.accountData[me, default: [:]]["m.ignored_user_list"] = ["ignored_users": .object(content)]
        case .accountData(let number):
            let content: JSONObject = ["n": .integer(Int64(world.tick))]
            try await server.accounts.setAccountData("x.\(number)", of: user.userID, room: nil, content: content)
            world.accountData[me, default: [:]]["x.\(number)"] = content
        case .roomAccountData(let number):
            let content: JSONObject = ["n": .integer(Int64(world.tick))]
            let reply = try await call(
                "PUT", "\(v3)/user/\(me)/rooms/\(room.id)/account_data/x.\(number)", as: user, body: content)
            if reply.status == 200 { world.rooms[index].accountData[me, default: [:]]["x.\(number)"] = content }
        case .profile(let number):
            _ = try await call(
                "PUT", "\(v3)/profile/\(me)/displayname", as: user, body: ["displayname": .string("Name \(number)")])
        case .typing(let isTyping):
            let reply = try await call(
                "PUT", "\(v3)/rooms/\(room.id)/typing/\(me)", as: user,
                body: isTyping ? ["typing": true, "timeout": 60_000] : ["typing": false])
            guard reply.status == 200 else { return }
            if isTyping { world.rooms[index].typing.insert(me) } else { world.rooms[index].typing.remove(me) }
        default: break
        }
    }
}
