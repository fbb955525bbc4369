import HomeserverStore
import MatrixAPI
import Sync

/// The parameters of endpoints that answer page by page.
extension Call {
    /// `dir`: `b` or `f`; nil when it is not given.
    func direction() throws(MatrixError) -> TimelineDirection? {
        switch query["dir"] {
        case nil: return nil
        case "b": return .backward
        case "f": return .forward
        default: throw .invalidParameter("'dir' must be b or f")
        }
    }

    /// A place in the stream that an earlier answer named, of whichever endpoint. An empty one is none: so clients ask
    /// on libQuotient who have no token.
    func token(_ name: String) throws(MatrixError) -> StreamPosition? {
        guard let text = query[name], !text.isEmpty else { return nil }
        return try SyncToken(parsing: text, name: name).position
    }

    /// `limit`, at least 1.
    func pageSize(default standard: Int, maximum: Int) throws(MatrixError) -> Int {
        guard let limit = try integer("limit") else { return standard }
        guard limit > 0 else { throw .invalidParameter("'limit' must be greater than zero") }
        return Int(min(limit, Int64(maximum)))
    }
}
