import HangulSearch

private let queries = Handles<SearchQuery>(kind: .query)

/// Text → a query's number, or 0 when there is nothing in it that can be looked for.
func queryMake(_ call: inout Call) throws(CallError) -> Int32 {
    guard let query = SearchQuery(try call.arguments.text()) else { return 0 }
    return queries.insert(query)
}

/// Text → 1 and where it matches: the score, then the bounds of each range in UTF-16 units, as browsers count; or 0.
func queryMatch(_ call: inout Call) throws(CallError) -> Int32 {
    let text = try call.arguments.text()
    guard let match = try queries[call.first].object.match(text) else { return 0 }
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
    call.answer.add(numbers)
    return 1
}

/// The value and the mask of each pattern that the terms of a text must match.
func queryPatterns(_ call: inout Call) throws(CallError) -> Int32 {
    var numbers: [UInt32] = []
    for pattern in try queries[call.first].object.patterns { numbers += [pattern.value, pattern.mask] }
    call.answer.add(numbers)
    return 0
}

/// Text → what an index keeps of it.
func searchTerms(_ call: inout Call) throws(CallError) -> Int32 {
    call.answer.add(SearchTerm.terms(of: FoldedText(try call.arguments.text())))
    return Int32(SearchTerm.formatVersion)
}
