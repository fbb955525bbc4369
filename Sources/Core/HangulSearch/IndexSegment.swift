/// Which of some documents hold which terms: a part of an index, made as a whole and never changed.
///
/// It is kept as blocks, each with the terms from one to the next, so that a query reads only the blocks of its terms.
public struct IndexSegment: Sendable, Equatable {
    /// Bytes that do not stand for a segment.
    public struct Malformed: Error {}

    /// Some of the terms, in order, with the documents that hold them.
    public struct Block: Sendable, Equatable {
        public let firstTerm: UInt32
        public let bytes: [UInt8]

        public init(firstTerm: UInt32, bytes: [UInt8]) {
            self.firstTerm = firstTerm
            self.bytes = bytes
        }
    }

    /// Bounds what is written when segments are joined, and how many documents a query keeps apart at a time.
    public static let maximumDocuments = 2_048
    /// Three blocks to a page of 4096 bytes.
    public static let blockBytes = 1_336

    /// Numbers of documents, ascending.
    public private(set) var documents: [Int64]
    /// A term in the high half, the index of a document that holds it in the low: sorted, each once.
    private var postings: [UInt64]

    /// - Parameter texts: with the number of each document its terms; ascending by number.
    public init(_ texts: [(document: Int64, terms: [UInt32])]) {
        documents = []
        postings = []
        postings.reserveCapacity(texts.reduce(0) { $0 + $1.terms.count })
        for (document, terms) in texts {
            let index = UInt64(documents.count)
            documents.append(document)
            for term in terms { postings.append(UInt64(term) << 32 | index) }
        }
        postings.sort()
    }

    public var isEmpty: Bool { documents.isEmpty }

    /// Both as one; every document of `later` comes after those of this one.
    public func joined(with later: IndexSegment) -> IndexSegment {
        var result = self
        let offset = UInt64(documents.count)
        result.documents += later.documents
        result.postings.reserveCapacity(postings.count + later.postings.count)
        result.postings += later.postings.map { $0 + offset }
        result.postings.sort()
        return result
    }

    /// This segment with nothing left of the documents that are not to be kept.
    public func keeping(_ isKept: (Int64) -> Bool) -> IndexSegment {
        var result = self
        var newIndices: [UInt64?] = []
        result.documents = []
        for document in documents {
            let isKept = isKept(document)
            newIndices.append(isKept ? UInt64(result.documents.count) : nil)
            if isKept { result.documents.append(document) }
        }
        result.postings = postings.compactMap { posting in
            newIndices[Int(posting & 0xFFFF_FFFF)].map { (posting & ~0xFFFF_FFFF) | $0 }
        }
        return result
    }

    // MARK: As bytes

    /// The documents: differences as variable-length integers.
    public var documentBytes: [UInt8] {
        var bytes: [UInt8] = []
        var last: Int64 = 0
        for document in documents {
            VariableLength.write(UInt64(document - last), to: &bytes)
            last = document
        }
        return bytes
    }

    public static func documents(from bytes: [UInt8]) throws(Malformed) -> [Int64] {
        var reader = VariableLength.Reader(bytes)
        var documents: [Int64] = []
        var last: Int64 = 0
        while !reader.isAtEnd {
            let (next, overflow) = last.addingReportingOverflow(Int64(truncatingIfNeeded: try reader.next()))
            guard !overflow, next >= last else { throw Malformed() }
            documents.append(next)
            last = next
        }
        return documents
    }

    public init(documentBytes: [UInt8], blocks: [Block]) throws(Malformed) {
        documents = try Self.documents(from: documentBytes)
        postings = []
        for block in blocks {
            try block.forEach { term, document in postings.append(UInt64(term) << 32 | UInt64(document)) }
        }
        guard postings.allSatisfy({ $0 & 0xFFFF_FFFF < documents.count }) else { throw Malformed() }
    }

    /// In the order of terms.
    ///
    /// A term is written as its distance from the one before it, with a bit that says whether several documents hold
    /// it; most of the terms of chat are in one document only. Then come how many those are, less two, and the
    /// documents as differences.
    public var blocks: [Block] {
        var blocks: [Block] = []
        var bytes: [UInt8] = []
        var firstTerm: UInt32 = 0
        var lastTerm: UInt32 = 0
        var start = 0
        while start < postings.count {
            let term = UInt32(postings[start] >> 32)
            var end = start + 1
            while end < postings.count, UInt32(postings[end] >> 32) == term { end += 1 }
            // Two bytes suffice for a document, and one for most.
            if !bytes.isEmpty, bytes.count + 7 + 2 * (end - start) > Self.blockBytes {
                blocks.append(Block(firstTerm: firstTerm, bytes: bytes))
                bytes = []
            }
            if bytes.isEmpty { (firstTerm, lastTerm) = (term, term) }
            VariableLength.write(UInt64(term - lastTerm) << 1 | (end - start > 1 ? 1 : 0), to: &bytes)
            if end - start > 1 { VariableLength.write(UInt64(end - start - 2), to: &bytes) }
            var last: UInt64 = 0
            for posting in postings[start..<end] {
                VariableLength.write((posting & 0xFFFF_FFFF) - last, to: &bytes)
                last = posting & 0xFFFF_FFFF
            }
            lastTerm = term
            start = end
        }
        if !bytes.isEmpty { blocks.append(Block(firstTerm: firstTerm, bytes: bytes)) }
        return blocks
    }
}

extension IndexSegment.Block {
    /// Each term with each document that holds it.
    func forEach(_ body: (UInt32, UInt32) -> Void) throws(IndexSegment.Malformed) {
        try forEachTerm { term, reader, count throws(IndexSegment.Malformed) in
            var document: UInt64 = 0
            for _ in 0..<count {
                document += try reader.next()
                guard document < IndexSegment.maximumDocuments else { throw IndexSegment.Malformed() }
                body(term, UInt32(document))
            }
        }
    }

    /// Adds the documents with a matching term.
    public func find(_ pattern: TermPattern, into found: inout DocumentSet) throws(IndexSegment.Malformed) {
        try forEachTerm { term, reader, count throws(IndexSegment.Malformed) in
            let isWanted = pattern.matches(term)
            var document: UInt64 = 0
            for _ in 0..<count {
                document += try reader.next()
                guard document < IndexSegment.maximumDocuments else { throw IndexSegment.Malformed() }
                if isWanted { found.insert(Int(document)) }
            }
        }
    }

    private func forEachTerm(
        _ body: (UInt32, inout VariableLength.Reader, UInt64) throws(IndexSegment.Malformed) -> Void
    ) throws(IndexSegment.Malformed) {
        var reader = VariableLength.Reader(bytes)
        var term = UInt64(firstTerm)
        while !reader.isAtEnd {
            let header = try reader.next()
            term += header >> 1
            guard term <= UInt64(UInt32.max) else { throw IndexSegment.Malformed() }
            let count = header & 1 == 0 ? 1 : try reader.next()
            guard count <= IndexSegment.maximumDocuments else { throw IndexSegment.Malformed() }
            try body(UInt32(term), &reader, header & 1 == 0 ? 1 : count + 2)
        }
    }
}

/// Some of the documents of one segment, by their indices.
public struct DocumentSet: Sendable, Equatable {
    private var words = [UInt64](repeating: 0, count: IndexSegment.maximumDocuments / 64)

    public init() {}

    public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    mutating func insert(_ index: Int) { words[index >> 6] |= 1 << UInt64(index & 63) }

    public func contains(_ index: Int) -> Bool { words[index >> 6] & 1 << UInt64(index & 63) != 0 }

    public mutating func formIntersection(_ other: DocumentSet) {
        for index in words.indices { words[index] &= other.words[index] }
    }
}

/// Integers of which small ones take fewer bytes: seven bits a byte, the lowest first.
enum VariableLength {
    static func write(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    struct Reader {
        private let bytes: [UInt8]
        private var index = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { index == bytes.count }

        /// At most 2⁵⁶, so that what is added to it does not overflow.
        mutating func next() throws(IndexSegment.Malformed) -> UInt64 {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 56, by: 7) {
                guard index < bytes.count else { throw IndexSegment.Malformed() }
                let byte = bytes[index]
                index += 1
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
            }
            throw IndexSegment.Malformed()
        }
    }
}
