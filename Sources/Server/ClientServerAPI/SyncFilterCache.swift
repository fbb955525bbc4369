import CanonicalJSON
import MatrixAPI
import MatrixIdentifiers
import Sync
import Synchronization

/// The filters that syncs named lately: a sync costs no read of the database, and those that wait with the same filter
/// hold one between them. A stored filter never changes.
///
/// https://spec.matrix.org/v1.19/client-server-api/#filtering
final class SyncFilterCache: Sendable {
    private enum Name: Hashable {
        case stored(id: ByteExactString, owner: UserID)
        case text(ByteExactString)
    }

    /// Some kilobytes each at most. Above it, all are dropped and read again when they are used.
    private static let maximumCount = 10_000
    /// Longer ones are parsed each time.
    private static let maximumTextBytes = 4_096
    private let entries = Mutex<[Name: SyncFilter]>([:])

    /// The owner's filter of this ID, parsed from what `read` answers.
    func stored(
        _ id: String, of owner: UserID, read: () async throws -> JSONObject
    ) async throws -> SyncFilter {
        let name = Name.stored(id: ByteExactString(id), owner: owner)
        if let filter = find(name) { return filter }
        let json = try await read()
        // The same filter of other users, and of the same user's other sessions, is one object.
        let filter = try parsed(ByteExactString(String(decoding: json.bytes(), as: UTF8.self))) { json }
        insert(filter, name)
        return filter
    }

    /// The filter that is written in the request itself.
    func written(_ text: String) throws -> SyncFilter {
        try parsed(ByteExactString(text)) { try Call.filterObject(text) }
    }

    private func parsed(_ text: ByteExactString, json: () throws -> JSONObject) throws -> SyncFilter {
        guard text.string.utf8.count <= Self.maximumTextBytes else { return try SyncFilter(json: json()) }
        if let filter = find(.text(text)) { return filter }
        let filter = try SyncFilter(json: json())
        insert(filter, .text(text))
        return filter
    }

    private func find(_ name: Name) -> SyncFilter? { entries.withLock { $0[name] } }

    private func insert(_ filter: SyncFilter, _ name: Name) {
        entries.withLock { entries in
            if entries.count >= Self.maximumCount { entries = [:] }
            entries[name] = filter
        }
    }
}
