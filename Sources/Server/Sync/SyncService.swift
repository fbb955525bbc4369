import CanonicalJSON
import EndToEnd
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Rules
import ServerEnvironment

/// `/sync`: what is new for a user since a token, waiting for it if need be.
public final class SyncService: Sendable {
    let rooms: RoomService
    let endToEnd: EndToEndService
    let database: any HomeserverDatabase
    let environment: ServerEnvironment
    let streams: UserStreams
    let counter: NotificationCounter
    let connections: SlidingConnections

    /// Makes the service and has it told of everything that is written from now on.
    public init(
        rooms: RoomService, endToEnd: EndToEndService, database: any HomeserverDatabase, writes: WriteQueue,
        environment: ServerEnvironment
    ) {
        self.rooms = rooms
        self.endToEnd = endToEnd
        self.database = database
        self.environment = environment
        streams = UserStreams(
            database: database, environment: environment, typing: rooms.typing, position: writes.publishedPosition)
        counter = NotificationCounter(rooms: rooms)
        connections = SlidingConnections(environment: environment)
        writes.addObserver(streams)
        rooms.typing.addObserver { [streams] room, serial, isAnyone in
            streams.noteTyping(in: room, serial: serial, isAnyone: isAnyone)
        }
        rooms.presence.addObserver { [streams] userID in streams.notePresence(of: userID) }
    }

    /// Ends the waits whose time has run out. Called ten times a second.
    public func expireWaits() { streams.expireWaits() }

    /// Forgets users who have gone. Called now and then.
    public func forgetUnused() {
        streams.forgetUnused()
        connections.forgetUnused()
    }

    /// The body of the answer, as JSON.
    public func sync(_ request: SyncRequest) async throws -> [UInt8] {
        let stream = try await streams.stream(of: request.userID)
        let deadline = environment.timestamp + min(request.timeoutMilliseconds, SyncRequest.maximumTimeoutMilliseconds)
        rooms.presence.noteSync(
            of: request.userID, wanting: request.presence, timeoutMilliseconds: deadline - environment.timestamp)
        var request = request
        // Whoever comes back with a token has what came with it.
        if let since = request.since {
            try await endToEnd.acknowledge(upTo: since.toDevicePosition, for: request.device)
        }
        var wakeTurn = WakeTurn.none
        while true {
            stream.touch(now: environment.timestamp)
            let version = stream.version
            let now = present(for: stream)
            // A token from beyond the present (a restored backup) is brought back to it.
            if let since = request.since, since.position > now.position { request.since = now }
            let answer = try await wakeTurn.hold { [request] () async throws -> Answer in
                try await self.answer(to: request, stream: stream, upTo: now)
            }
            let mayWait = request.since != nil && !request.wantsFullState
            if answer.hasNews || !mayWait || environment.timestamp >= deadline || Task.isCancelled {
                return answer.bytes
            }
            // Nothing up to now concerns this client, so the wait goes on from here.
            request.since = now
            wakeTurn = await streams.wait(stream, after: version, until: deadline)
        }
    }

    /// The token of what there is now.
    func present(for stream: UserStream) -> SyncToken {
        // The serial before the rooms: what changes in between is told once more.
        let serial = rooms.typing.serial
        return SyncToken(
            position: streams.position, typingSerial: serial, presenceSerial: rooms.presence.serial,
            typingRooms: stream.typingRooms)
    }

    private struct Answer {
        let bytes: [UInt8]
        let hasNews: Bool
    }

    private func answer(to request: SyncRequest, stream: UserStream, upTo now: SyncToken) async throws -> Answer {
        let settings = try await settings(of: stream)
        let builder = RoomSyncBuilder(
            service: self, request: request, stream: stream, now: now, settings: settings,
            format: ClientEventFormat(
                includesRoomID: false, device: request.device, now: environment.timestamp))
        var sections = RoomSections()
        let changed = stream.rooms(
            changedAfter: request.wantsFullState ? nil : request.since, typingBefore: rooms.typing.firstSerial)
        for (number, entry) in changed.sorted(by: { $0.0.rawValue < $1.0.rawValue })
        where request.filter.room.passes(room: entry.roomID) {
            try await builder.add(number, entry, to: &sections)
        }
        let accountData = try await globalAccountData(request, stream: stream)
        let endToEnd = try await endToEndSections(
            stream: stream, device: request.device, toDeviceSince: request.since?.toDevicePosition ?? .zero,
            deviceListsSince: request.since?.position, upTo: now.position)
        let nextBatch = SyncToken(
            position: now.position, typingSerial: now.typingSerial, toDevicePosition: endToEnd.toDeviceEnd,
            presenceSerial: now.presenceSerial, typingRooms: now.typingRooms)
        let presence = try await presenceEvents(for: request)

        var writer = JSONWriter(reservingCapacity: sections.byteCount + 256)
        writer.object { writer in
            if !accountData.isEmpty {
                writer.object("account_data") { writer in
                    writer.array("events") { writer in for event in accountData { writer.raw { $0 += event } } }
                }
            }
            endToEnd.write(to: &writer)
            writer.member("next_batch", .string(nextBatch.description))
            if !presence.isEmpty {
                writer.object("presence") { writer in
                    writer.array("events") { writer in for event in presence { writer.value(.object(event)) } }
                }
            }
            if !sections.isEmpty { writer.object("rooms") { sections.write(to: &$0) } }
            endToEnd.writeToDevice(to: &writer)
        }
        return Answer(
            bytes: writer.bytes,
            hasNews: !sections.isEmpty || !accountData.isEmpty || !presence.isEmpty || endToEnd.hasNews)
    }

    // MARK: Account data

    func settings(of stream: UserStream) async throws -> UserSettings {
        if let settings = stream.settings { return settings }
        let position = stream.globalAccountDataPosition
        let settings = try await database.read { [userID = stream.userID] store in
            try UserSettings(of: userID, from: store)
        }
        return stream.keep(settings, readAt: position)
    }

    private func globalAccountData(_ request: SyncRequest, stream: UserStream) async throws -> [[UInt8]] {
        let since = request.wantsFullState ? nil : request.since?.position
        guard since.map({ stream.hasGlobalAccountData(after: $0) }) ?? true else { return [] }
        return try await globalAccountData(of: request.userID, since: since, filter: request.filter.accountData)
    }

    /// - Parameter since: nil for all of it.
    func globalAccountData(of userID: UserID, since: StreamPosition?, filter: EventFilter) async throws -> [[UInt8]] {
        let records = try await database.read { store in
            try store.accountData(of: userID, room: nil, after: since ?? .zero)
        }
        var events = records.filter { filter.passes(type: $0.type) }.map(Self.event)
        let hasPushRules = records.contains { $0.type == EventType.pushRules }
        if since == nil, !hasPushRules, filter.passes(type: EventType.pushRules) {
            // Rules that nobody has changed are not stored.
            let content: JSONObject = ["global": .object(PushRuleset.defaults(for: userID).json)]
            events.append(
                Self.event(
                    AccountDataRecord(type: EventType.pushRules, content: content.bytes(), position: .zero)))
        }
        return events
    }

    /// An account data event in the client format.
    package static func event(_ record: AccountDataRecord) -> [UInt8] {
        var bytes = Array("{\"content\":".utf8)
        bytes += record.content
        bytes += ",\"type\":".utf8
        JSONString.write(record.type, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}

/// The `rooms` of a sync answer: for each membership the rooms' JSON.
struct RoomSections {
    private var joined: [(RoomID, [UInt8])] = []
    private var invited: [(RoomID, [UInt8])] = []
    private var knocked: [(RoomID, [UInt8])] = []
    private var left: [(RoomID, [UInt8])] = []
    private(set) var byteCount = 0

    var isEmpty: Bool { joined.isEmpty && invited.isEmpty && knocked.isEmpty && left.isEmpty }

    mutating func add(_ roomID: RoomID, _ bytes: [UInt8], membership: Membership) {
        byteCount += bytes.count + 64
        switch membership {
        case .join: joined.append((roomID, bytes))
        case .invite: invited.append((roomID, bytes))
        case .knock: knocked.append((roomID, bytes))
        case .leave, .ban: left.append((roomID, bytes))
        }
    }

    func write(to writer: inout JSONWriter) {
        for (name, rooms) in [("invite", invited), ("join", joined), ("knock", knocked), ("leave", left)]
        where !rooms.isEmpty {
            writer.object(name) { writer in
                for (roomID, bytes) in rooms {
                    writer.key(roomID.string)
                    writer.raw { $0 += bytes }
                }
            }
        }
    }
}
