import HomeserverStore
import MatrixEvents
import MatrixIdentifiers

/// Reads what one viewer is shown with the events of one room.
struct AggregationReader {
    let room: Room
    let viewer: Viewer
    /// Nil when the viewer may see everything.
    let visibility: EventVisibility?
    /// Later events are not known yet where the answer is read.
    let end: StreamPosition
    let store: any StoreReader

    /// Of a thread that is not counted by the store alone, so many replies are looked at: the count is one that the
    /// specification calls approximate.
    private static let maximumScannedReplies = 5_000
    /// Edits that are looked at, when the viewer may not see all of them or several have the same time.
    private static let maximumScannedEdits = 50
    private static let maximumReferences = 100

    /// What is shown with the events, and with those that are shown with them.
    func aggregations(of events: [RoomEvent]) throws -> Aggregations {
        var aggregations = Aggregations.none
        for event in events {
            guard let aggregation = try aggregation(of: event) else { continue }
            aggregations[event] = aggregation
            if let latest = aggregation.thread?.latestEvent, latest.hasAggregations {
                aggregations[latest] = try self.aggregation(of: latest)
            }
        }
        return aggregations
    }

    func aggregation(of event: RoomEvent) throws -> Aggregation? {
        // https://spec.matrix.org/v1.19/client-server-api/#aggregations-of-child-events: not with state events.
        guard event.hasAggregations, event.stateKey == nil else { return nil }
        var aggregation = Aggregation()
        // Of a redacted event the edits are not shown.
        if event.redactedBecause == nil { aggregation.replacement = try replacement(of: event) }
        aggregation.thread = try thread(of: event)
        aggregation.references = try references(of: event)
        return aggregation.isEmpty ? nil : aggregation
    }

    func isShown(_ related: RelatedEvent) -> Bool {
        !viewer.ignoredUsers.contains(related.sender) && visibility?.isVisible(at: related.position) != false
    }

    func load(_ position: StreamPosition) throws -> RoomEvent? {
        try store.event(at: position).map { try RoomEvent.load($0, roomID: room.roomID, from: store) }
    }

    /// The edit with the latest timestamp; of equal ones that with the greatest event ID.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#server-side-aggregation-of-mreplace-relationships
    private func replacement(of event: RoomEvent) throws -> RoomEvent? {
        let edits = try store.replacements(
            of: event.position, sender: event.sender, upTo: end, limit: Self.maximumScannedEdits
        ).filter(isShown)
        guard let latest = edits.first?.originServerTimestamp else { return nil }
        return try edits.prefix { $0.originServerTimestamp == latest }
            .compactMap { try load($0.position) }
            .max { $0.eventID < $1.eventID }
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#server-side-aggregation-of-mthread-relationships
    private func thread(of event: RoomEvent) throws -> Aggregation.Thread? {
        var query = RelationQuery(parent: event.position, type: RelationType.thread, limit: 1)
        query.onlyValid = true
        query.before = end.next
        let count: Int
        let latest: RelatedEvent?
        if visibility == nil, viewer.ignoredUsers.isEmpty {
            latest = try store.relations(query).first
            count =
                latest == nil ? 0 : try store.relationCount(of: event.position, type: RelationType.thread, upTo: end)
        } else {
            query.limit = Self.maximumScannedReplies
            let replies = try store.relations(query).filter(isShown)
            latest = replies.first
            count = replies.count
        }
        guard let latest, let latestEvent = try load(latest.position) else { return nil }
        let participated =
            try event.sender == viewer.userID
            || store.hasRelation(of: event.position, type: RelationType.thread, sender: viewer.userID, upTo: end)
        return Aggregation.Thread(latestEvent: latestEvent, count: count, hasViewerParticipated: participated)
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#server-side-aggregation-of-mreference
    private func references(of event: RoomEvent) throws -> [EventID] {
        var query = RelationQuery(
            parent: event.position, type: RelationType.reference, limit: Self.maximumReferences)
        query.before = end.next
        query.direction = .forward
        return try store.relations(query).filter(isShown).compactMap { try store.event(at: $0.position)?.eventID }
    }
}
