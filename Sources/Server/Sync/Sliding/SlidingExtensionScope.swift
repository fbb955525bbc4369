import CanonicalJSON
import MatrixAPI
import MatrixIdentifiers

/// The rooms for which a client wants an extension's data.
struct SlidingExtensionScope: Sendable {
    /// Names of lists; nil for all.
    let lists: Set<ByteExactString>?
    /// Room IDs among the subscriptions; nil for all.
    let rooms: Set<ByteExactString>?

    /// Nil when the extension is not switched on.
    init?(_ extensions: JSONObject, _ name: String) throws(MatrixError) {
        guard let json = try extensions.optionalObject(name), try json.optionalBool("enabled") == true else {
            return nil
        }
        lists = Self.set(try json.optionalStrings("lists"))
        rooms = Self.set(try json.optionalStrings("rooms"))
    }

    /// `*` stands for all.
    private static func set(_ names: [String]?) -> Set<ByteExactString>? {
        names.flatMap { names in names.contains("*") ? nil : Set(names.map(ByteExactString.init)) }
    }

    func contains(_ match: MatchedRoom, in request: SlidingSyncRequest) -> Bool {
        if match.isSubscribed, rooms?.contains(ByteExactString(match.room.entry.roomID.string)) ?? true { return true }
        guard let lists else { return !match.lists.isEmpty }
        return match.lists.contains { lists.contains(ByteExactString(request.lists[$0].name)) }
    }
}
