import HangulSearch

nonisolated(unsafe) private let queries = Handles<SearchQuery>("query")

/// Text → a query's number, or 0 when there is nothing in it that can be looked for.
@c(naru_query_make)
func queryMake() -> Int32 {
    call { arguments, _ throws(CallError) in
        guard let query = SearchQuery(try arguments.text()) else { return 0 }
        return queries.insert(query)
    }
}

/// Text → 1 and where it matches: the score, then the bounds of each range in UTF-16 units, as browsers count; or 0.
@c(naru_query_match)
func queryMatch(_ handle: Int32) -> Int32 {
    call { arguments, answer throws(CallError) in
        let text = try arguments.text()
        guard let match = try queries[handle].match(text) else { return 0 }
        var numbers = [UInt32(match.score)]
        var (bytes, units) = (0, UInt32(0))
        var rest = text.utf8.makeIterator()
        // The ranges are in order and apart, so one walk over the text counts for all of them.
        for range in match.ranges {
            for bound in [range.lowerBound, range.upperBound] {
                while bytes < bound, let byte = rest.next() {
                    bytes += 1
                    units += byte & 0xC0 == 0x80 ? 0 : byte >= 0xF0 ? 2 : 1
                }
                numbers.append(units)
            }
        }
        answer.add(numbers)
        return 1
    }
}

/// The value and the mask of each pattern that the terms of a text must match.
@c(naru_query_patterns)
func queryPatterns(_ handle: Int32) -> Int32 {
    call { _, answer throws(CallError) in
        var numbers: [UInt32] = []
        for pattern in try queries[handle].patterns { numbers += [pattern.value, pattern.mask] }
        answer.add(numbers)
        return 0
    }
}

@c(naru_query_release)
func queryRelease(_ handle: Int32) { queries.release(handle) }

/// Text → what an index keeps of it.
@c(naru_search_terms)
func searchTerms() -> Int32 {
    call { arguments, answer throws(CallError) in
        answer.add(SearchTerm.terms(of: FoldedText(try arguments.text())))
        return Int32(SearchTerm.formatVersion)
    }
}
