import CanonicalJSON
import MatrixIdentifiers
import Sync

/// What a client reads of an answer to `/sync`.
public struct SyncAnswer: Sendable {
    public let json: JSONObject

    public init(_ bytes: [UInt8]) throws { json = try JSONObject(parsing: bytes) }

    public var nextBatch: String { json["next_batch"]?.stringValue ?? "" }

    /// - Parameter section: `join`, `invite`, `knock` or `leave`.
    public func rooms(_ section: String) -> JSONObject { json["rooms"]?[section]?.objectValue ?? [:] }

    public func room(_ roomID: RoomID, _ section: String = "join") -> SyncRoom? {
        rooms(section)[roomID.string]?.objectValue.map(SyncRoom.init)
    }

    public func accountData(_ type: String) -> JSONObject? {
        json["account_data"]?["events"]?.arrayValue?.last { $0["type"]?.stringValue == type }?["content"]?.objectValue
    }
}

/// One room of such an answer.
public struct SyncRoom: Sendable {
    public let json: JSONObject

    public init(json: JSONObject) { self.json = json }

    public var timeline: [JSONValue] { json["timeline"]?["events"]?.arrayValue ?? [] }
    public var isLimited: Bool { json["timeline"]?["limited"]?.boolValue ?? false }
    public var previousBatch: String { json["timeline"]?["prev_batch"]?.stringValue ?? "" }
    public var state: [JSONValue] { json["state"]?["events"]?.arrayValue ?? [] }
    public var stateAfter: [JSONValue] { json["state_after"]?["events"]?.arrayValue ?? [] }
    public var bodies: [String] { timeline.compactMap { $0["content"]?["body"]?.stringValue } }
    public var eventIDs: [String] { timeline.compactMap { $0["event_id"]?.stringValue } }
    public var notificationCount: Int64? { json["unread_notifications"]?["notification_count"]?.integerValue }
    public var highlightCount: Int64? { json["unread_notifications"]?["highlight_count"]?.integerValue }

    public func ephemeral(_ type: String) -> JSONObject? {
        json["ephemeral"]?["events"]?.arrayValue?.last { $0["type"]?.stringValue == type }?["content"]?.objectValue
    }

    public var typists: [String]? { ephemeral("m.typing")?["user_ids"]?.strings }
}

extension TestServer {
    /// - Parameter filter: JSON as in the query of `/sync`.
    public func sync(
        _ user: TestUser, since: String? = nil, filter: JSONObject = [:], timeoutMilliseconds: Int64 = 0,
        wantsFullState: Bool = false, usesStateAfter: Bool = false
    ) async throws -> SyncAnswer {
        var request = SyncRequest(userID: user.userID, device: user.device)
        request.since = since.flatMap(SyncToken.init)
        request.filter = try SyncFilter(json: filter)
        request.timeoutMilliseconds = timeoutMilliseconds
        request.wantsFullState = wantsFullState
        request.stateAfterName = usesStateAfter ? "state_after" : nil
        return try SyncAnswer(try await sync.sync(request))
    }
}
