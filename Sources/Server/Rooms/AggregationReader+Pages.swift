import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rules

/// Pages of children and of threads.
extension AggregationReader {
    private static let blockSize = 100
    /// A token may name any position; after this one there is room for one more.
    private static let beyondEverything = StreamPosition(.max - 1)
    /// Rows of the index that are looked at for one page, when the viewer may not see most of them.
    private static let maximumScannedRows = 5_000

    func children(
        of parent: RoomEvent, _ request: RoomService.RelationsRequest
    ) throws -> RoomService.TimelinePage {
        var query = RelationQuery(parent: parent.position, type: request.type, limit: Self.blockSize)
        query.eventType = request.eventType
        query.depth = request.depth
        query.direction = request.direction
        let isBackward = request.direction == .backward
        query.after = (isBackward ? request.to : request.from) ?? .zero
        query.before = min((isBackward ? request.from : request.to) ?? end, end).next
        if request.isRecursive { query.limit = Self.maximumScannedRows }
        var events: [RoomEvent] = []
        var scannedCount = 0
        while true {
            let related = try store.relations(query)
            for child in related {
                if events.count == request.limit || scannedCount == Self.maximumScannedRows {
                    // There is one more at least.
                    let next = isBackward ? StreamPosition(query.before.rawValue - 1) : query.after
                    return RoomService.TimelinePage(events: events, end: next)
                }
                scannedCount += 1
                if isBackward { query.before = child.position } else { query.after = child.position }
                guard isShown(child), let event = try load(child.position) else { continue }
                events.append(event)
            }
            if related.count < query.limit { return RoomService.TimelinePage(events: events, end: nil) }
        }
    }

    func threads(
        onlyParticipated: Bool, from: StreamPosition?, limit: Int
    ) throws -> RoomService.ThreadsPage {
        // A thread that went on after the viewer's end is known by its earlier replies.
        var before = min(from ?? Self.beyondEverything, Self.beyondEverything).next
        var roots: [RoomEvent] = []
        var aggregations = Aggregations.none
        var scannedCount = 0
        while true {
            let threads = try store.threads(in: room.number, before: before, limit: Self.blockSize)
            for thread in threads {
                if roots.count == limit || scannedCount == Self.maximumScannedRows {
                    return RoomService.ThreadsPage(
                        roots: roots, aggregations: aggregations, end: StreamPosition(before.rawValue - 1))
                }
                scannedCount += 1
                before = thread.latestReply
                guard let root = try load(thread.root), visibility?.isVisible(root) != false else { continue }
                let part = try self.aggregations(of: [root])
                guard let shown = part[root]?.thread, shown.hasViewerParticipated || !onlyParticipated else { continue }
                roots.append(hidingIgnored(root))
                aggregations.merge(part)
            }
            if threads.count < Self.blockSize {
                return RoomService.ThreadsPage(roots: roots, aggregations: aggregations, end: nil)
            }
        }
    }

    /// The root of a thread that an ignored user began is shown redacted: the thread goes on without it.
    private func hidingIgnored(_ root: RoomEvent) -> RoomEvent {
        guard viewer.ignoredUsers.contains(root.sender) else { return root }
        let content = Redaction.redactedContent(root.content, type: root.type, rules: room.rules)
        return root.redacted(content: content, because: nil)
    }
}
