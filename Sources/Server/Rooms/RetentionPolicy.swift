import CanonicalJSON
import MatrixEvents

/// How long a room keeps its messages: what its state says, within what the server allows.
///
/// https://github.com/matrix-org/matrix-spec-proposals/blob/matthew/msc1763/proposals/1763-configurable-retention-periods.md
public struct RetentionPolicy: Sendable, Equatable {
    /// In milliseconds; nil keeps messages for ever.
    public let maximumLifetime: Int64?

    /// The state events that say it, the first one first.
    static let eventTypes = [EventType.roomRetention, EventType.unstableRoomRetention]

    /// - Parameter content: of the room's state; nil when it has none.
    public init(content: JSONObject?, configuration: RetentionConfiguration) {
        var lifetime = configuration.defaultMaximumLifetime
        if let content, let stated = content["max_lifetime"]?.integerValue, stated >= 0 {
            // Servers must keep what is younger than the room's minimum.
            lifetime = max(stated, content["min_lifetime"]?.integerValue ?? 0)
        }
        if let longest = configuration.longestLifetime { lifetime = min(lifetime ?? longest, longest) }
        maximumLifetime = lifetime.map { max($0, configuration.shortestLifetime) }
    }
}

extension RetentionConfiguration {
    /// The body of `GET …/org.matrix.msc1763/retention/configuration`.
    public var json: JSONObject {
        var everywhere = JSONObject()
        everywhere["max_lifetime"] = defaultMaximumLifetime.map { .integer($0) }
        var limits: JSONObject = ["min": .integer(shortestLifetime)]
        limits["max"] = longestLifetime.map { .integer($0) }
        return ["policies": ["*": .object(everywhere)], "limits": ["max_lifetime": .object(limits)]]
    }
}
