import MatrixIdentifiers

/// How far the index has followed the stream, and by which rules it was made.
public struct SearchProgress: Sendable, Equatable {
    /// 0 before anything was indexed.
    public let formatVersion: Int64
    /// Everything up to here is in the index.
    public let position: StreamPosition

    public init(formatVersion: Int64, position: StreamPosition) {
        self.formatVersion = formatVersion
        self.position = position
    }
}

/// A part of the index: some events of one room.
public struct SearchSegmentRecord: Sendable, Equatable {
    /// 0 before it is stored.
    public let number: Int64
    public let room: RoomNumber
    /// The first and the last of the events.
    public let range: ClosedRange<StreamPosition>
    public let count: Int

    public init(number: Int64, room: RoomNumber, range: ClosedRange<StreamPosition>, count: Int) {
        self.number = number
        self.room = room
        self.range = range
        self.count = count
    }
}

/// Some of a segment's terms, with the events that hold them.
public struct SearchBlockRecord: Sendable, Equatable {
    public let firstTerm: UInt32
    public let bytes: [UInt8]

    public init(firstTerm: UInt32, bytes: [UInt8]) {
        self.firstTerm = firstTerm
        self.bytes = bytes
    }
}

/// The index over what was said. What the bytes mean is `HangulSearch`'s business.
public protocol SearchReader {
    func searchProgress() throws -> SearchProgress
    /// The segments of a room, the earliest events first.
    func searchSegments(of room: RoomNumber) throws -> [SearchSegmentRecord]
    /// Segments of all rooms with greater numbers, in their order.
    func searchSegments(after number: Int64, limit: Int) throws -> [SearchSegmentRecord]
    /// Which events the segment is about, as bytes.
    func searchDocuments(of segment: Int64) throws -> [UInt8]
    /// The blocks that can hold terms of the range, in order.
    func searchBlocks(of segment: Int64, terms: ClosedRange<UInt32>) throws -> [SearchBlockRecord]

    /// Events of all rooms after a position, at most `limit`, in order.
    func events(after position: StreamPosition, limit: Int) throws -> [EventRecord]
    /// Those of a room's events in the range that are there and not redacted.
    func unredactedEvents(of room: RoomNumber, in range: ClosedRange<StreamPosition>) throws -> [StreamPosition]
}

public protocol SearchWriter: SearchReader {
    func setSearchProgress(_ progress: SearchProgress) throws
    /// - Parameters:
    ///   - documents: which events it is about, as bytes.
    ///   - blocks: at least one, in order.
    func insertSearchSegment(_ segment: SearchSegmentRecord, documents: [UInt8], blocks: [SearchBlockRecord]) throws
    func deleteSearchSegment(_ number: Int64) throws
    /// Forgets the whole index.
    func clearSearch() throws
}
