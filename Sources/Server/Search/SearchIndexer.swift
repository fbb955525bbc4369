import CanonicalJSON
import HangulSearch
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Synchronization

/// Keeps the index over what was said: follows the stream, apart from those who send.
///
/// How far it has come is stored in the same transaction as what it has indexed. Each room has segments that grow by
/// being joined with those before them, as long as these are not larger: so an event is written about as often as its
/// room's number of events has binary digits, up to a segment's maximum.
///
/// It is also where the names of the user directory are kept up to date.
public final class SearchIndexer: Sendable {
    private struct State {
        var isRunning = false
        /// Up to here nothing is left to do.
        var position: StreamPosition?
        /// The latest segment that was looked through for events that are gone.
        var checkedSegment: Int64 = 0
    }

    /// Events in one transaction: bounds for how long those who send wait behind it.
    private static let batchCount = 256
    /// Batches in one call while nobody else writes; while somebody does, one.
    private static let maximumBatches = 16
    /// Segments that one call of ``removeWhatIsGone()`` looks at.
    private static let checkedSegments = 20

    private let database: any HomeserverDatabase
    private let writes: WriteQueue
    private let state = Mutex(State())

    public init(database: any HomeserverDatabase, writes: WriteQueue) {
        self.database = database
        self.writes = writes
    }

    // MARK: Following the stream

    /// Indexes what is new, a bounded number of events. Called about once a second.
    ///
    /// - Returns: whether there is nothing left.
    @discardableResult
    public func run() async throws -> Bool {
        try await alone {
            for _ in 0..<Self.maximumBatches {
                guard try await updateDirectory(), writes.pendingCount == 0 else { break }
            }
            for _ in 0..<Self.maximumBatches {
                if let position = state.withLock({ $0.position }), position >= writes.publishedPosition { return true }
                try await indexBatch()
                if writes.pendingCount > 0 { break }
            }
            return false
        } ?? false
    }

    /// Runs `body` unless somebody else is at it; then nil.
    private func alone<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value? {
        let isFree = state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard isFree else { return nil }
        defer { state.withLock { $0.isRunning = false } }
        return try await body()
    }

    private func indexBatch() async throws {
        let count = Self.batchCount
        let batch = try await database.read { store in try SearchIndexBatch(maximumCount: count, store) }
        if !batch.isEmpty {
            try await writes.submit { context in try batch.apply(to: context.store) }
        }
        state.withLock { $0.position = batch.end }
    }

    // MARK: What is gone

    /// Takes events out of the index that were deleted without a redaction, as by a retention rule. They are never
    /// found, since a match is read from the event itself; this takes away what the index could tell of them. Called
    /// about once a minute, looks at a few segments each time, and begins anew at the end.
    public func removeWhatIsGone() async throws {
        _ = try await alone {
            let after = state.withLock { $0.checkedSegment }
            let limit = Self.checkedSegments
            let (last, changes) = try await database.read { store -> (Int64, [SearchIndexBatch.SegmentChange]) in
                let segments = try store.searchSegments(after: after, limit: limit)
                let changes = try segments.compactMap { segment -> SearchIndexBatch.SegmentChange? in
                    let present = Set(try store.unredactedEvents(of: segment.room, in: segment.range))
                    guard present.count < segment.count else { return nil }
                    let kept = try IndexSegment(segment, from: store).keeping { present.contains(StreamPosition($0)) }
                    guard kept.documents.count < segment.count else { return nil }
                    return .init(room: segment.room, replaced: [segment.number], by: kept)
                }
                return (segments.count < limit ? 0 : segments.last?.number ?? 0, changes)
            }
            if !changes.isEmpty {
                try await writes.submit { context in
                    for change in changes { try change.apply(to: context.store) }
                }
            }
            state.withLock { $0.checkedSegment = last }
        }
    }

    // MARK: The user directory

    private static let maximumNames = 200

    /// - Returns: whether there may be more to do.
    private func updateDirectory() async throws -> Bool {
        let hasChanges = try await database.read { store in
            try store.directoryFormatVersion() != SearchTerm.formatVersion
                || !store.directoryChanges(limit: 1).isEmpty
        }
        guard hasChanges else { return false }
        return try await writes.submit { context in
            if try context.store.directoryFormatVersion() != SearchTerm.formatVersion {
                try context.store.resetDirectory(formatVersion: SearchTerm.formatVersion)
            }
            let changes = try context.store.directoryChanges(limit: Self.maximumNames)
            for userID in changes {
                let person = try DirectoryPerson(userID, from: context.store)
                try context.store.setDirectoryTerms(person?.terms ?? [], of: userID)
            }
            return changes.count == Self.maximumNames
        }
    }
}
