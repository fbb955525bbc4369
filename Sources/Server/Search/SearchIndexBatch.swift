import CanonicalJSON
import HangulSearch
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers

/// What the next events of the stream change in the index: worked out by a reader, so that the writer only writes.
struct SearchIndexBatch: Sendable {
    /// One new segment in the place of others.
    struct SegmentChange: Sendable {
        let room: RoomNumber
        let replaced: [Int64]
        let segment: SearchSegmentRecord?
        let documents: [UInt8]
        let blocks: [SearchBlockRecord]

        /// - Parameter segment: an empty one is not written.
        init(room: RoomNumber, replaced: [Int64], by segment: IndexSegment) {
            self.room = room
            self.replaced = replaced
            self.segment = segment.documents.first.flatMap { first in
                segment.documents.last.map { last in
                    SearchSegmentRecord(
                        number: 0, room: room, range: StreamPosition(first)...StreamPosition(last),
                        count: segment.documents.count)
                }
            }
            documents = segment.documentBytes
            blocks = segment.blocks.map { SearchBlockRecord(firstTerm: $0.firstTerm, bytes: $0.bytes) }
        }

        func apply(to store: any SearchWriter) throws {
            for number in replaced { try store.deleteSearchSegment(number) }
            if let segment { try store.insertSearchSegment(segment, documents: documents, blocks: blocks) }
        }
    }

    /// Up to here everything is indexed when this has been applied.
    let end: StreamPosition
    private let progress: SearchProgress
    private let clears: Bool
    private let hasEvents: Bool
    private let changes: [SegmentChange]

    /// Whether nothing needs to be written: changes of other kinds, like receipts, only move the stream.
    var isEmpty: Bool { !clears && !hasEvents }

    init(maximumCount: Int, _ store: any StoreReader) throws {
        var start = try store.searchProgress()
        clears = start.formatVersion != SearchTerm.formatVersion
        if clears { start = SearchProgress(formatVersion: SearchTerm.formatVersion, position: .zero) }
        let records = try store.events(after: start.position, limit: maximumCount)
        end = try records.count < maximumCount ? store.streamPosition() : records[maximumCount - 1].position
        progress = SearchProgress(formatVersion: SearchTerm.formatVersion, position: end)
        hasEvents = !records.isEmpty

        var rooms: [RoomNumber: RoomEdit] = [:]
        for record in records {
            guard case .object(let pdu) = try JSONParser.parse(record.pdu) else { continue }
            if pdu["type"]?.stringValue == EventType.roomRedaction {
                let target = pdu["content"]?.objectValue?["redacts"]?.stringValue.flatMap(EventID.init)
                if let target = try target.flatMap({ try store.event($0) }), target.redactedBy != nil {
                    rooms[target.room, default: RoomEdit()].removed.insert(target.position.rawValue)
                }
                continue
            }
            let terms = SearchKey.terms(ofPDU: pdu)
            guard !terms.isEmpty else { continue }
            rooms[record.room, default: RoomEdit()].added.append((record.position.rawValue, terms))
        }
        var changes: [SegmentChange] = []
        for (room, edit) in rooms { changes += try edit.changes(to: room, clears: clears, store) }
        self.changes = changes
    }

    func apply(to store: any SearchWriter) throws {
        if clears { try store.clearSearch() }
        for change in changes { try change.apply(to: store) }
        try store.setSearchProgress(progress)
    }
}

/// What a batch does to one room's part of the index.
private struct RoomEdit {
    var added: [(document: Int64, terms: [UInt32])] = []
    var removed: Set<Int64> = []

    func changes(
        to room: RoomNumber, clears: Bool, _ store: any StoreReader
    ) throws -> [SearchIndexBatch.SegmentChange] {
        // What is said in an encrypted room is no business of a server's.
        let isEncrypted = try store.isEncrypted(room)
        if isEncrypted, removed.isEmpty { return [] }
        var present = clears ? [] : try store.searchSegments(of: room)
        var changes: [SearchIndexBatch.SegmentChange] = []
        var kept: [Int64: IndexSegment] = [:]
        for segment in present {
            guard removed.contains(where: { segment.range.contains(StreamPosition($0)) }) else { continue }
            kept[segment.number] = try IndexSegment(segment, from: store).keeping { !removed.contains($0) }
        }
        if !isEncrypted, !added.isEmpty {
            var joined = IndexSegment(added)
            var replaced: [Int64] = []
            while let last = present.last, last.count <= joined.documents.count,
                last.count + joined.documents.count <= IndexSegment.maximumDocuments
            {
                let earlier = try kept.removeValue(forKey: last.number) ?? IndexSegment(last, from: store)
                joined = earlier.joined(with: joined)
                replaced.append(last.number)
                present.removeLast()
            }
            changes.append(.init(room: room, replaced: replaced, by: joined))
        }
        return kept.map { .init(room: room, replaced: [$0.key], by: $0.value) } + changes
    }
}

extension IndexSegment {
    init(_ record: SearchSegmentRecord, from store: any SearchReader) throws {
        try self.init(
            documentBytes: store.searchDocuments(of: record.number),
            blocks: store.searchBlocks(of: record.number, terms: 0...(.max)).map {
                Block(firstTerm: $0.firstTerm, bytes: $0.bytes)
            })
    }
}

extension EventReader {
    /// Encryption cannot be turned off again, so what the room has ever said of it decides.
    func isEncrypted(_ room: RoomNumber) throws -> Bool {
        try !stateHistory(of: room, tuple: StateTuple(EventType.roomEncryption)).isEmpty
    }
}
