import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import Rooms

/// Which events a client wants of one kind.
///
/// https://spec.matrix.org/v1.19/client-server-api/#filtering
public struct EventFilter: Sendable {
    public var types: [String]?
    public var notTypes: [String] = []
    public var senders: Set<ByteExactString>?
    public var notSenders: Set<ByteExactString> = []
    public var rooms: Set<ByteExactString>?
    public var notRooms: Set<ByteExactString> = []
    public var containsURL: Bool?
    public var limit: Int?
    public var lazyLoadMembers = false
    /// Whether unread events are counted for each thread.
    public var unreadThreadNotifications = false
    /// Whether members are sent again that the client has been sent before.
    public var includeRedundantMembers = false

    /// Passes everything.
    public init() {}

    public init(json: JSONObject) throws(MatrixError) {
        types = try json.optionalStrings("types")
        notTypes = try json.optionalStrings("not_types") ?? []
        senders = try json.optionalStrings("senders").map(Self.set)
        notSenders = Self.set(try json.optionalStrings("not_senders") ?? [])
        rooms = try json.optionalStrings("rooms").map(Self.set)
        notRooms = Self.set(try json.optionalStrings("not_rooms") ?? [])
        containsURL = try json.optionalBool("contains_url")
        lazyLoadMembers = try json.optionalBool("lazy_load_members") ?? false
        unreadThreadNotifications = try json.optionalBool("unread_thread_notifications") ?? false
        includeRedundantMembers = try json.optionalBool("include_redundant_members") ?? false
        if let limit = try json.optionalInteger("limit") {
            guard limit >= 0 else { throw .invalidParameter("'limit' must not be negative") }
            self.limit = Int(min(limit, 1_000))
        }
    }

    private static func set(_ strings: [String]) -> Set<ByteExactString> { Set(strings.map(ByteExactString.init)) }

    public func passes(room: RoomID) -> Bool {
        let id = ByteExactString(room.string)
        return rooms?.contains(id) != false && !notRooms.contains(id)
    }

    /// Whether there can be events that do not pass.
    var isRestrictive: Bool {
        types != nil || !notTypes.isEmpty || senders != nil || !notSenders.isEmpty || rooms != nil
            || !notRooms.isEmpty || containsURL != nil
    }

    public func passes(type: String) -> Bool {
        types?.contains { Self.matches(type, pattern: $0) } != false
            && !notTypes.contains { Self.matches(type, pattern: $0) }
    }

    public func passes(_ event: RoomEvent) -> Bool {
        guard passes(type: event.type) else { return false }
        if senders != nil || !notSenders.isEmpty {
            let sender = ByteExactString(event.sender.string)
            guard senders?.contains(sender) != false, !notSenders.contains(sender) else { return false }
        }
        return containsURL.map { $0 == (event.content["url"]?.stringValue != nil) } ?? true
    }

    /// `*` in a pattern stands for any characters.
    package static func matches(_ text: String, pattern: String) -> Bool {
        if utf8Equal(text, pattern) { return true }
        guard pattern.utf8.contains(UInt8(ascii: "*")) else { return false }
        let parts = pattern.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
        var rest = Array(text.utf8)[...]
        for (index, part) in parts.enumerated() {
            if index == 0 {
                guard rest.starts(with: part) else { return false }
                rest = rest.dropFirst(part.count)
            } else if index == parts.count - 1 {
                return rest.count >= part.count && rest.suffix(part.count).elementsEqual(part)
            } else if !part.isEmpty {
                guard let end = Self.end(of: Array(part), in: rest) else { return false }
                rest = rest[end...]
            }
        }
        return rest.isEmpty
    }

    private static func end(of part: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        guard text.count >= part.count else { return nil }
        return (text.startIndex...(text.endIndex - part.count))
            .first { text[$0..<($0 + part.count)].elementsEqual(part) }.map { $0 + part.count }
    }
}
