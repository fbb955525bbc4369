import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Testing

@Suite struct SearchStoreTests {
    private func segment(_ room: RoomNumber, _ range: ClosedRange<Int64>) -> SearchSegmentRecord {
        SearchSegmentRecord(number: 0, room: room, range: at(range.lowerBound)...at(range.upperBound), count: 2)
    }

    private func block(_ term: UInt32) -> SearchBlockRecord {
        SearchBlockRecord(firstTerm: term, bytes: [UInt8(term & 0xFF), 0, 255])
    }

    @Test(arguments: Backend.all) func segmentsAreFoundByRoomAndTerms(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let (one, other) = (RoomNumber(1), RoomNumber(2))
            try database.write { store throws in
                try store.insertSearchSegment(
                    segment(one, 5...9), documents: [5, 4], blocks: [block(10), block(20), block(.max)])
                try store.insertSearchSegment(segment(one, 1...4), documents: [1, 3], blocks: [block(15)])
                try store.insertSearchSegment(segment(other, 2...3), documents: [], blocks: [block(0)])
            }
            try await database.read { store throws in
                let segments = try store.searchSegments(of: one)
                #expect(segments.map(\.range.upperBound) == [at(4), at(9)])
                #expect(try store.searchDocuments(of: segments[1].number) == [5, 4])
                func terms(_ range: ClosedRange<UInt32>, _ segment: SearchSegmentRecord) throws -> [UInt32] {
                    try store.searchBlocks(of: segment.number, terms: range).map(\.firstTerm)
                }
                #expect(try terms(12...13, segments[1]) == [10])
                #expect(try terms(10...20, segments[1]) == [10, 20])
                #expect(try terms(20...30, segments[1]) == [20])
                #expect(try terms(0...9, segments[1]) == [])
                #expect(try terms(0...10, segments[1]) == [10])
                #expect(try terms(0...(.max), segments[1]) == [10, 20, .max])
                #expect(try terms(.max...(.max), segments[0]) == [15])
                #expect(try store.searchBlocks(of: segments[0].number, terms: 15...15) == [block(15)])
                let all = try store.searchSegments(after: 0, limit: 10)
                #expect(all.count == 3)
                #expect(try store.searchSegments(after: all[0].number, limit: 1) == [all[1]])
            }
        }
    }

    @Test(arguments: Backend.all) func segmentsGoWithTheirBlocks(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let room = RoomNumber(1)
            try database.write { store throws in
                for range in [1...2, 3...4] as [ClosedRange<Int64>] {
                    try store.insertSearchSegment(
                        segment(room, range), documents: [1], blocks: [block(0), block(7), block(.max)])
                }
                let first = try store.searchSegments(of: room)[0]
                try store.deleteSearchSegment(first.number)
                #expect(try store.searchBlocks(of: first.number, terms: 0...(.max)).isEmpty)
                let second = try store.searchSegments(of: room)[0]
                #expect(second.range.upperBound == at(4))
                #expect(try store.searchBlocks(of: second.number, terms: 0...(.max)).count == 3)
                try store.clearSearch()
                #expect(try store.searchSegments(of: room).isEmpty)
                #expect(try store.searchBlocks(of: second.number, terms: 0...(.max)).isEmpty)
            }
        }
    }

    @Test(arguments: Backend.all) func progressIsKept(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try await database.read { store throws in
                #expect(try store.searchProgress() == SearchProgress(formatVersion: 0, position: .zero))
            }
            let progress = SearchProgress(formatVersion: 3, position: at(77))
            try database.write { try $0.setSearchProgress(progress) }
            try await database.read { store throws in #expect(try store.searchProgress() == progress) }
        }
    }

    @Test(arguments: Backend.all) func eventsOfAllRoomsComeInOrder(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let room = try database.writing { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                let other = try store.insertRoom(roomID("b"), version: "12")
                for number in [1, 2, 4, 7, 8] { try store.addEvent(number, in: number == 2 ? other : room) }
                try store.redactEvent(at: at(4), by: at(8), redactedPDU: [])
                return room
            }
            try await database.read { store throws in
                #expect(try store.events(after: at(1), limit: 3).positions == [2, 4, 7])
                #expect(try store.events(after: at(8), limit: 3).isEmpty)
                #expect(try store.unredactedEvents(of: room, in: at(1)...at(7)) == [at(1), at(7)])
            }
        }
    }
}
