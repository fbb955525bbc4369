import CanonicalJSON
import MatrixIdentifiers

let notYet = ClientError(.unsupported, "not written yet")

struct Discovery {
    let transport: any Transport
    func baseURL(of server: String) async throws(ClientError) -> String { throw notYet }
}

struct SigningIn {
    init(_ configuration: ClientConfiguration) {}
    func signUp(_ name: String, password: String, registrationToken: String?) async throws(ClientError) -> Session {
        throw notYet
    }
    func signIn(_ user: String, password: String) async throws(ClientError) -> Session { throw notYet }
    func restore() throws(ClientError) -> Session? { throw notYet }
}

extension Engine {
    func run() async throws(ClientError) { throw notYet }
    func connectionUpdates() -> AsyncStream<ConnectionState> { AsyncStream { $0.finish() } }
    func ready() async {}
    func signInAgain(password: String) async throws(ClientError) { throw notYet }
    func signOut() async throws(ClientError) { throw notYet }

    func roomSummaries() -> [RoomSummary] { [] }
    func roomListUpdates() -> AsyncStream<[RoomSummary]> { AsyncStream { $0.finish() } }
    func summary(of roomID: RoomID) -> RoomSummary? { nil }

    func snapshot(of token: TimelineToken) -> TimelineSnapshot { TimelineSnapshot() }
    func updates(of token: TimelineToken) -> AsyncStream<TimelineSnapshot> { AsyncStream { $0.finish() } }
    func loadEarlier(_ token: TimelineToken, count: Int) async throws(ClientError) -> Bool { throw notYet }
    func openTimeline(of roomID: RoomID, count: Int) throws(ClientError) -> Timeline { throw notYet }

    func send(_ message: OutgoingMessage, to roomID: RoomID) throws(ClientError) -> TimelineItem.ID { throw notYet }
    func send(_ file: OutgoingFile, to roomID: RoomID) throws(ClientError) -> TimelineItem.ID { throw notYet }
    func send(
        type: String, content: JSONObject, to roomID: RoomID
    ) throws(ClientError) -> TimelineItem.ID { throw notYet }
    func edit(_ item: TimelineItem.ID, to message: OutgoingMessage, in roomID: RoomID) throws(ClientError) {
        throw notYet
    }
    func toggleReaction(_ key: String, on item: TimelineItem.ID, in roomID: RoomID) throws(ClientError) {
        throw notYet
    }
    func redact(_ item: TimelineItem.ID, reason: String?, in roomID: RoomID) throws(ClientError) { throw notYet }
    func markRead(
        _ item: TimelineItem.ID?, isPrivate: Bool, in roomID: RoomID
    ) async throws(ClientError) { throw notYet }
    func setTyping(_ isTyping: Bool, in roomID: RoomID) async throws(ClientError) { throw notYet }
    func download(_ attachment: Attachment) async throws(ClientError) -> [UInt8] { throw notYet }
    func upload(_ bytes: [UInt8], mimeType: String, name: String?) async throws(ClientError) -> String { throw notYet }

    func members(of roomID: RoomID) async throws(ClientError) -> [RoomMember] { throw notYet }
    func join(_ idOrAlias: String, via: [String]) async throws(ClientError) -> RoomID { throw notYet }
    func leave(_ roomID: RoomID) async throws(ClientError) { throw notYet }
    func forget(_ roomID: RoomID) async throws(ClientError) { throw notYet }
    func changeMembership(
        _ action: String, of userID: UserID, in roomID: RoomID, reason: String?
    ) async throws(ClientError) { throw notYet }
    func setState(_ type: String, content: JSONObject, in roomID: RoomID) async throws(ClientError) { throw notYet }
    func setTag(_ tag: String, _ isSet: Bool, in roomID: RoomID) async throws(ClientError) { throw notYet }
    func setMarkedUnread(_ isUnread: Bool, in roomID: RoomID) async throws(ClientError) { throw notYet }
    func createRoom(_ creation: RoomCreation) async throws(ClientError) -> RoomID { throw notYet }
    func directChat(with userID: UserID) async throws(ClientError) -> RoomID { throw notYet }

    func queuedMessages(in roomID: RoomID) -> [QueuedMessage] { [] }
    func resend(_ item: TimelineItem.ID, in roomID: RoomID) throws(ClientError) { throw notYet }
    func cancel(_ item: TimelineItem.ID, in roomID: RoomID) throws(ClientError) { throw notYet }
    func drained(_ roomID: RoomID) async {}

    func profile(of userID: UserID) async throws(ClientError) -> Profile { throw notYet }
    func setProfile(_ field: String, to value: String) async throws(ClientError) { throw notYet }
    func searchPeople(_ text: String, limit: Int) async throws(ClientError) -> [(UserID, Profile)] { throw notYet }
    var ignoredUsers: Set<UserID> { [] }
    func setIgnored(_ isIgnored: Bool, _ userID: UserID) async throws(ClientError) { throw notYet }
    func search(_ text: String, in roomID: RoomID?, limit: Int) throws(ClientError) -> [SearchResult] { throw notYet }
}
