import MatrixIdentifiers

/// A message that was found on this device.
public struct SearchResult: Sendable, Equatable {
    public let roomID: RoomID
    public let eventID: EventID
    public let sender: UserID
    public let timestamp: Int64
    public let body: String
    /// What to highlight, in bytes of the body's UTF-8.
    public let ranges: [Range<Int>]
}

extension Session {
    /// Looks through the messages that this device keeps, those of encrypted rooms too; knows Hangul by its jamo and
    /// initial consonants (ㅇㄴ finds 안녕).
    ///
    /// - Parameters:
    ///   - roomID: nil for all rooms.
    ///   - limit: 1 … 500; the newest come first.
    public func search(
        _ text: String, in roomID: RoomID? = nil, limit: Int = 50
    ) async throws(ClientError) -> [SearchResult] {
        try await engine.search(text, in: roomID, limit: limit)
    }
}
