import CanonicalJSON
import HangulSearch
import MatrixIdentifiers

/// Looking through what is stored here: encrypted rooms cannot be searched anywhere else.
extension Engine {
    /// So many events of a room are read at a time.
    private static let page = 500

    func search(_ text: String, in roomID: RoomID?, limit: Int) throws(ClientError) -> [SearchResult] {
        guard let query = SearchQuery(text) else { return [] }
        let limit = max(1, min(limit, 500))
        var results: [SearchResult] = []
        for id in roomID.map({ [$0] }) ?? Array(rooms.keys) {
            var found = 0
            var place: Int64?
            while found < limit {
                let events = try storedEvents(of: id, below: place, limit: Self.page)
                guard let first = events.first else { break }
                place = first.place
                for event in events.reversed() {
                    guard let result = Self.result(event, query, id), !ignoredUsers.contains(result.sender) else {
                        continue
                    }
                    results.append(result)
                    found += 1
                }
            }
        }
        results.sort { ($0.timestamp, $0.eventID) > ($1.timestamp, $1.eventID) }
        return Array(results.prefix(limit))
    }

    private static func result(_ event: StoredEvent, _ query: SearchQuery, _ roomID: RoomID) -> SearchResult? {
        guard event.isMessage, event.type == "m.room.message", let sender = event.sender,
            let eventID = EventID(event.eventID)
        else { return nil }
        let body = Message(content: event.content, isReply: event.relation?.replyTo != nil).body
        guard let match = query.match(body) else { return nil }
        return SearchResult(
            roomID: roomID, eventID: eventID, sender: sender, timestamp: event.timestamp, body: body,
            ranges: match.ranges)
    }
}
