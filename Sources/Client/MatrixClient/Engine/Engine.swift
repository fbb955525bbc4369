import CanonicalJSON
import EncryptionMachine
import MatrixIdentifiers

/// Everything a session knows, behind one actor: what it decides is durable before anybody sees it.
///
/// What is between two suspensions is one step: it reads the store, decides, commits in one transaction, and only then
/// changes memory and tells listeners. When a commit fails, nothing more is done: what memory and the encryption
/// machine believe would not be what a restart finds.
actor Engine {
    nonisolated let userID: UserID
    nonisolated let deviceID: String
    let configuration: ClientConfiguration
    nonisolated let caller: ServerCaller
    var credentials: Credentials
    /// The refresh that is under way: several requests may find their token too old at once.
    var refreshing: Task<Result<Void, ClientError>, Never>?

    var sync: SyncMachine
    var rooms: [RoomID: RoomRecord] = [:]
    var queues: [RoomID: RoomQueue] = [:]
    var lastMessages: [RoomID: RoomSummary.LastMessage] = [:]
    var typing: [RoomID: [UserID]] = [:]
    /// Whether an invitation is to a direct chat.
    var invitations: [RoomID: Bool] = [:]
    /// How often a sync has told of members of a room: what was asked for before is older.
    var memberChanges: [RoomID: Int] = [:]
    /// Global account data by type.
    var accountData: [ByteExactString: JSONObject] = [:]

    var timelines: [Int: OpenTimeline] = [:]
    var nextTimeline = 0
    /// Rooms whose earlier messages are being fetched, and who waits for them.
    var paging: [RoomID: [CheckedContinuation<Void, Never>]] = [:]

    let machineHost: MachineHost
    /// Whether the machine's requests are being sent, and who waits for that.
    var isFlushing = false
    var flushWaiters: [CheckedContinuation<Void, Never>] = []

    var verificationBroadcasts: [String: Broadcast<VerificationState>] = [:]
    /// For the server, while the identity's keys are uploaded.
    var identityPassword: String?
    /// Whether an identity is to be made as soon as it is known that there is none.
    var wantsIdentity = false
    var changedIdentities: Set<UserID> = []
    /// Rooms of which somebody has offered the history.
    var offeredBundles: Set<RoomID> = []
    /// The backup that was fetched in this run.
    var restoredBackup: String?

    let roomListBroadcast = Broadcast<[RoomSummary]>([])
    let connectionBroadcast = Broadcast<ConnectionState>(.stopped)
    let encryptionBroadcast: Broadcast<EncryptionStatus>
    let (verificationStream, verificationArrivals) = AsyncStream.makeStream(
        of: Verification.self, bufferingPolicy: .bufferingNewest(16))
    /// Rings when there is something to send.
    var sendBell = Bell()
    /// Rings when the machine has requests.
    var machineBell = Bell()
    var isRunning = false
    var readyWaiters: [CheckedContinuation<Void, Never>] = []
    var isReady = false
    var drainWaiters: [RoomID: [CheckedContinuation<Void, Never>]] = [:]
    /// Rooms that have an entry on its way.
    var sending: Set<RoomID> = []
    /// Why nothing can be kept any more.
    private var breakage: ClientError?

    var environment: ClientEnvironment { configuration.environment }
    nonisolated var store: any ClientStore { configuration.store }

    /// Reads what the store holds.
    init(credentials: Credentials, configuration: ClientConfiguration) throws(ClientError) {
        self.credentials = credentials
        self.configuration = configuration
        userID = credentials.userID
        deviceID = credentials.deviceID
        let store = configuration.store
        caller = ServerCaller(transport: configuration.transport, homeserver: credentials.homeserver)
        let progress = try store.value(of: SyncProgress.key).flatMap(ServerCaller.object)
        sync = SyncMachine(progress.map(SyncProgress.init(json:)) ?? SyncProgress())
        machineHost = try MachineHost(credentials: credentials, configuration: configuration)
        encryptionBroadcast = Broadcast(.initial)
        for record in try store.records(in: .rooms, group: nil) {
            if let room = RoomRecord(record) { rooms[room.id] = room }
        }
        var entries: [RoomID: [QueueEntry]] = [:]
        for record in try store.records(in: .sendQueue, group: nil) {
            if let entry = QueueEntry(record) { entries[entry.roomID, default: []].append(entry) }
        }
        queues = entries.mapValues { RoomQueue($0) }
        for record in try store.records(in: .accountData, group: []) {
            guard case .name(let name) = record.key.item, let content = ServerCaller.object(record.value) else {
                continue
            }
            accountData[ByteExactString(String(decoding: name, as: UTF8.self))] = content
        }
    }

    /// Makes the changes durable, with those of the encryption machine.
    func commit(_ changes: [StoreChange]) throws(ClientError) {
        if let breakage { throw breakage }
        do throws(ClientError) {
            try store.commit(changes + machineHost.takeChanges())
        } catch {
            breakage = error
            // Whoever waits for something to do has nothing to do any more.
            sendBell.ring()
            machineBell.ring()
            throw error
        }
    }

    /// From now on nothing is kept.
    func end(with error: ClientError) { breakage = error }

    /// Whether nothing more can come of this session.
    var isOver: Bool {
        if case .signedOut = connectionBroadcast.value { return true }
        return breakage != nil
    }

    /// - Throws: what a commit has thrown.
    func checkUsable() throws(ClientError) { if let breakage { throw breakage } }

    /// A number of so many random bytes, as letters that need no escaping.
    func randomName(_ prefix: String) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let bytes = environment.random.bytes(12).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return prefix + String(decoding: bytes, as: UTF8.self)
    }

    func randomNumber() -> UInt64 { environment.random.bytes(8).reduce(0) { $0 << 8 | UInt64($1) } }
}

/// What one step changes: committed as a whole, applied to memory afterwards.
struct Draft {
    var changes: [StoreChange] = []
    var rooms: [RoomID: RoomRecord] = [:]
    var queues: [RoomID: RoomQueue] = [:]
    var accountData: [ByteExactString: JSONObject] = [:]
    var typing: [RoomID: [UserID]] = [:]
    /// Events that are new or have changed.
    var events: [RoomID: [StoredEvent]] = [:]
    /// Places of events that are new in this step.
    var places: [RoomID: [ByteExactString: Int64]] = [:]
    /// Member events, for the timelines that show names.
    var members: [RoomID: [JSONObject]] = [:]
    var receipts: [RoomID: [UserID: TimelineInput.ReadReceipt]] = [:]
    /// Events that may belong to verifications.
    var verificationEvents: [(room: RoomID, event: JSONObject, clear: DecryptedEvent?)] = []
    /// Rooms of which anything has changed.
    var touched: Set<RoomID> = []
    /// Rooms whose latest message may be another one.
    var retitled: Set<RoomID> = []
}
