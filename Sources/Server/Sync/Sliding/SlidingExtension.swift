import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers

/// Data beside the rooms that a client may ask for in sliding sync, kept by another service: `to_device`, `e2ee`.
///
/// https://github.com/matrix-org/matrix-spec-proposals/pull/4186
public protocol SlidingSyncExtension: Sendable {
    /// Its key under `extensions`, in the request and in the answer.
    var name: String { get }

    /// What to send. Asked again each time the user's syncs are woken, so it must be quick to say that nothing is new.
    ///
    /// - Parameter request: the extension's part of the request, which has `enabled`.
    /// - Returns: nil for nothing at all.
    func answer(_ request: JSONObject, in context: SlidingSyncContext) async throws -> SlidingSyncExtensionAnswer?
}

/// Who asks, and from where to where.
public struct SlidingSyncContext: Sendable {
    public let userID: UserID
    public let device: DeviceNumber
    /// Where the connection has got to; nil at its first request.
    public let since: StreamPosition?
    public let now: StreamPosition
}

public struct SlidingSyncExtensionAnswer: Sendable {
    public let json: JSONObject
    /// Whether it ends a wait; what is sent in every answer does not.
    public let hasNews: Bool

    public init(_ json: JSONObject, hasNews: Bool) {
        self.json = json
        self.hasNews = hasNews
    }
}
