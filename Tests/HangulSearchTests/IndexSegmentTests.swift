import HangulSearch
import RandomJSON
import Testing

@Suite struct IndexSegmentTests {
    private typealias Texts = [(document: Int64, terms: [UInt32])]

    private func texts(_ count: Int, from first: Int64, _ generator: inout SeededGenerator) -> Texts {
        var document = first
        return (0..<count).map { _ in
            document += Int64.random(in: 1...1_000, using: &generator)
            let terms = Set((0..<40).map { _ in UInt32.random(in: 0...500, using: &generator) << 20 | 7 })
            return (document, terms.sorted())
        }
    }

    @Test func bytesAreReadAgain() throws {
        var generator = SeededGenerator.fresh()
        for count in [0, 1, 2, 500, IndexSegment.maximumDocuments] {
            let segment = IndexSegment(texts(count, from: 0, &generator))
            let blocks = segment.blocks
            #expect(blocks.dropFirst().allSatisfy { $0.bytes.count > 0 })
            #expect(zip(blocks, blocks.dropFirst()).allSatisfy { $0.firstTerm < $1.firstTerm })
            #expect(try IndexSegment(documentBytes: segment.documentBytes, blocks: blocks) == segment)
        }
        let rare = IndexSegment((0..<400).map { ($0, (0..<40).map { UInt32($0) << 8 }) })
        #expect(rare.blocks.allSatisfy { $0.bytes.count <= IndexSegment.blockBytes })
    }

    @Test func joinedAndKeptAreAsIfMadeSo() {
        var generator = SeededGenerator.fresh()
        let first = texts(100, from: 0, &generator)
        let second = texts(57, from: first[99].document, &generator)
        let joined = IndexSegment(first).joined(with: IndexSegment(second))
        #expect(joined == IndexSegment(first + second))
        let kept = joined.keeping { $0 % 3 != 0 }
        #expect(kept == IndexSegment((first + second).filter { $0.document % 3 != 0 }))
        #expect(joined.keeping { _ in false }.isEmpty)
        #expect(joined.keeping { _ in false }.blocks.isEmpty)
    }

    @Test func patternsFindTheDocumentsWithTheirTerms() throws {
        let sentences = ["한국 사람", "학교에 가자", "한겨울", "korea", "korean food", "日本", "일본 한국"]
        let segment = IndexSegment(
            sentences.enumerated().map { (Int64($0) * 10 + 5, SearchTerm.terms(of: FoldedText($1))) })
        for (text, expected) in [
            ("한국", [0, 6]), ("ㅎㄱ", [0, 1, 2, 6]), ("kor", [3, 4]), ("korea ", [3]), ("日", [5]), ("한", [0, 2, 6]),
            ("없다", []),
        ] {
            let query = try #require(SearchQuery(text))
            var found: DocumentSet?
            for pattern in query.patterns {
                var documents = DocumentSet()
                for block in segment.blocks { try block.find(pattern, into: &documents) }
                found?.formIntersection(documents)
                found = found ?? documents
            }
            #expect(sentences.indices.filter { found?.contains($0) == true } == expected, "\(text)")
        }
    }

    @Test func damagedBytesAreRefused() {
        var generator = SeededGenerator.fresh()
        let segment = IndexSegment(texts(200, from: 0, &generator))
        for _ in 0..<3_000 {
            guard let block = segment.blocks.randomElement(using: &generator) else { continue }
            var bytes = block.bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            if generator.chance(30) { bytes.removeLast(Int.random(in: 1...bytes.count, using: &generator)) }
            let damaged = IndexSegment.Block(firstTerm: block.firstTerm, bytes: bytes)
            // Either it is refused or it stands for some segment; it never ends the program.
            _ = try? IndexSegment(documentBytes: segment.documentBytes, blocks: [damaged])
            var found = DocumentSet()
            try? damaged.find(SearchQuery("a")!.patterns[0], into: &found)
        }
        #expect(throws: IndexSegment.Malformed.self) {
            try IndexSegment(documentBytes: [], blocks: segment.blocks)
        }
        #expect(throws: IndexSegment.Malformed.self) { try IndexSegment.documents(from: [0x80]) }
        #expect(throws: IndexSegment.Malformed.self) {
            try IndexSegment.documents(from: Array(repeating: 0xFF, count: 20))
        }
    }
}
