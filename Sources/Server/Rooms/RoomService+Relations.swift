import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers

/// Events that relate to others.
extension RoomService {
    /// What the viewer is shown with the events; they may be of several rooms.
    ///
    /// Costs nothing for events that no other one is shown with. The answer is to be given to
    /// ``ClientEventFormat/showing(_:)``.
    ///
    /// - Parameter end: what comes later is left out; nil for everything that there is.
    public func aggregations(
        of events: some Sequence<RoomEvent>, for viewer: Viewer, upTo end: StreamPosition? = nil
    ) async throws -> Aggregations {
        var aggregations = Aggregations.none
        let parents = events.filter { $0.hasAggregations && $0.stateKey == nil }
        guard !parents.isEmpty else { return aggregations }
        for (roomID, parents) in Dictionary(grouping: parents, by: \.pdu.roomID) {
            let part = try await reading(roomID, viewer, upTo: end) { try $0.aggregations(of: parents) }
            aggregations.merge(part)
        }
        return aggregations
    }

    /// Runs `body` with what reads the aggregations of a room that the viewer may read.
    private func reading<Value: Sendable>(
        _ roomID: RoomID, _ viewer: Viewer, upTo end: StreamPosition?,
        _ body: @escaping @Sendable (AggregationReader) throws -> Value
    ) async throws -> Value {
        let (room, access) = try await access(to: roomID, userID: viewer.userID)
        var end = end ?? position
        if case .until(let leave) = access { end = min(end, leave) }
        let seesEverything = room.read { view in
            view.state.membership(of: viewer.userID) == .join && EventVisibility.isEverythingVisibleToMembers(of: view)
        }
        return try await database.read { [end] store in
            let visibility =
                seesEverything
                ? nil
                : try EventVisibility(room: room.number, roomID: roomID, userID: viewer.userID, store: store)
            return try body(
                AggregationReader(room: room, viewer: viewer, visibility: visibility, end: end, store: store))
        }
    }

    // MARK: Children

    /// Which events that relate to another are asked for.
    public struct RelationsRequest: Sendable {
        public var eventID: EventID
        /// `rel_type`; nil for any.
        public var type: String?
        public var eventType: String?
        public var isRecursive = false
        public var from: StreamPosition?
        public var to: StreamPosition?
        public var direction = TimelineDirection.backward
        public var limit: Int

        public init(eventID: EventID, limit: Int) {
            self.eventID = eventID
            self.limit = limit
        }

        /// How many relations lie at most between the event and those that are found.
        public var depth: Int { isRecursive ? Self.maximumDepth : 1 }

        /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidrelationseventid
        public static let maximumDepth = 3
    }

    /// A page of the events that relate to one that the viewer may see.
    ///
    /// - Throws: `M_NOT_FOUND` when there is no such event for the viewer.
    public func relations(
        _ request: RelationsRequest, in roomID: RoomID, viewer: Viewer
    ) async throws -> TimelinePage {
        let parent = try await event(request.eventID, in: roomID, userID: viewer.userID)
        return try await reading(roomID, viewer, upTo: nil) { try $0.children(of: parent, request) }
    }

    // MARK: Threads

    /// A page of a room's threads.
    public struct ThreadsPage: Sendable {
        /// The one with the latest reply first.
        public let roots: [RoomEvent]
        public let aggregations: Aggregations
        /// Where the next page begins.
        public let end: StreamPosition?
    }

    /// - Parameter from: just after the latest reply of the first thread.
    /// - Throws: `M_FORBIDDEN` when the viewer may not read the room.
    public func threads(
        in roomID: RoomID, viewer: Viewer, onlyParticipated: Bool, from: StreamPosition?, limit: Int
    ) async throws -> ThreadsPage {
        try await reading(roomID, viewer, upTo: nil) { reader in
            try reader.threads(onlyParticipated: onlyParticipated, from: from, limit: limit)
        }
    }
}
