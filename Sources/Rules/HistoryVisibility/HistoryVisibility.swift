import CanonicalJSON
import MatrixEvents

/// Who may see a room's past.
///
/// https://spec.matrix.org/v1.19/client-server-api/#room-history-visibility
public enum HistoryVisibility: String, Sendable, CaseIterable {
    case worldReadable = "world_readable"
    case shared, invited, joined

    /// What the content of `m.room.history_visibility` says: `shared` when there is no such event or it says nothing
    /// that is understood.
    public init(content: JSONObject?) {
        self = content?["history_visibility"]?.stringValue.flatMap(HistoryVisibility.init(rawValue:)) ?? .shared
    }

    /// Whether a user may see an event.
    ///
    /// Two kinds of events are to be asked about twice, with the state before and with the state after them, and seen
    /// when either allows it: those that change the visibility, and those about the user's own membership.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#room-history-visibility
    ///
    /// - Parameters:
    ///   - visibilityAtEvent: in the state at the event, not today's.
    ///   - membershipAtEvent: of the user in that state; nil for none.
    ///   - hasJoinedSince: whether the user joined the room at any point after the event.
    public static func isVisible(
        visibilityAtEvent: HistoryVisibility, membershipAtEvent: Membership?, hasJoinedSince: Bool
    ) -> Bool {
        // 1.
        if visibilityAtEvent == .worldReadable { return true }
        // 2.
        if membershipAtEvent == .join { return true }
        // 3.
        if visibilityAtEvent == .shared, hasJoinedSince { return true }
        // 4.
        if membershipAtEvent == .invite, visibilityAtEvent == .invited { return true }
        // 5.
        return false
    }
}
