import CanonicalJSON
import HangulSearch
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers

/// Events that may match a query, by the index, and by themselves where the index has not come yet.
struct SearchCandidates: Sendable {
    struct Candidate: Sendable {
        let room: RoomNumber
        let position: StreamPosition
    }

    /// The latest first.
    private(set) var candidates: [Candidate] = []

    /// Candidates beyond these are not kept: of a word that stands everywhere, only the latest messages are found.
    private static let maximumCount = 200_000
    /// Positions that are looked at before the index has come to them.
    private static let maximumUnindexed: Int64 = 10_000

    /// - Parameters:
    ///   - rooms: those to look in.
    ///   - upTo: the last position that counts.
    init(
        _ query: SearchQuery, keys: Set<SearchKey>, rooms: [RoomNumber], upTo: StreamPosition,
        _ store: any StoreReader
    ) throws {
        let progress = try store.searchProgress()
        let isUsable = progress.formatVersion == SearchTerm.formatVersion
        let indexed = isUsable ? progress.position : .zero
        try addUnindexed(query, keys: keys, rooms: Set(rooms), after: indexed, upTo: upTo, store)
        guard isUsable else { return }
        var segments: [SearchSegmentRecord] = []
        for room in rooms {
            segments += try store.searchSegments(of: room).filter { $0.range.lowerBound <= upTo }
        }
        segments.sort { $0.range.upperBound > $1.range.upperBound }
        let patterns = query.patterns
        for segment in segments where candidates.count < Self.maximumCount {
            try add(segment, patterns: patterns, upTo: upTo, store)
        }
        candidates.sort { $0.position > $1.position }
    }

    private mutating func add(
        _ segment: SearchSegmentRecord, patterns: [TermPattern], upTo: StreamPosition, _ store: any StoreReader
    ) throws {
        var found: DocumentSet?
        for pattern in patterns {
            var documents = DocumentSet()
            for block in try store.searchBlocks(of: segment.number, terms: pattern.range) {
                try IndexSegment.Block(firstTerm: block.firstTerm, bytes: block.bytes).find(pattern, into: &documents)
            }
            if let before = found { documents.formIntersection(before) }
            if documents.isEmpty { return }
            found = documents
        }
        guard let found else { return }
        let positions = try IndexSegment.documents(from: store.searchDocuments(of: segment.number))
        for (index, position) in positions.enumerated() where position <= upTo.rawValue && found.contains(index) {
            candidates.append(Candidate(room: segment.room, position: StreamPosition(position)))
        }
    }

    /// The index is a second or so behind. When it is far behind, as after an update that makes it anew, only the
    /// latest messages are looked at.
    private mutating func addUnindexed(
        _ query: SearchQuery, keys: Set<SearchKey>, rooms: Set<RoomNumber>, after: StreamPosition,
        upTo: StreamPosition, _ store: any StoreReader
    ) throws {
        let start = max(after, StreamPosition(upTo.rawValue - Self.maximumUnindexed))
        guard start < upTo else { return }
        for record in try store.events(after: start, limit: Int(upTo.rawValue - start.rawValue)) {
            guard record.position <= upTo else { return }
            guard rooms.contains(record.room), record.redactedBy == nil,
                case .object(let pdu) = try JSONParser.parse(record.pdu), let type = pdu["type"]?.stringValue,
                let content = pdu["content"]?.objectValue,
                query.match(anyOf: SearchKey.texts(type: type, content: content, keys: keys)) != nil
            else { continue }
            candidates.append(Candidate(room: record.room, position: record.position))
        }
    }
}
