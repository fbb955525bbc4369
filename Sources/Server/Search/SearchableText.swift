import CanonicalJSON
import HangulSearch
import MatrixEvents

/// What of an event can be searched for.
///
/// https://spec.matrix.org/v1.19/client-server-api/#search-categories
public enum SearchKey: String, Sendable, CaseIterable {
    case body = "content.body"
    case name = "content.name"
    case topic = "content.topic"

    /// The texts of an event that stand under these keys.
    static func texts(type: String, content: JSONObject, keys: Set<SearchKey>) -> [String] {
        switch type {
        case EventType.roomMessage where keys.contains(.body): [content["body"]?.stringValue].compactMap(\.self)
        case EventType.roomName where keys.contains(.name): [content["name"]?.stringValue].compactMap(\.self)
        case EventType.roomTopic where keys.contains(.topic): topics(content)
        default: []
        }
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#mroomtopic
    private static func topics(_ content: JSONObject) -> [String] {
        let plain = content["m.topic"]?.objectValue?["m.text"]?.arrayValue?.first { representation in
            let mimetype = representation.objectValue?["mimetype"]?.stringValue
            return mimetype == nil || mimetype == "text/plain"
        }
        let texts = [content["topic"]?.stringValue, plain?.objectValue?["body"]?.stringValue].compactMap(\.self)
        return texts.count == 2 && utf8Equal(texts[0], texts[1]) ? [texts[0]] : texts
    }

    /// The terms by which an event is found; none for most types.
    static func terms(ofPDU pdu: JSONObject) -> [UInt32] {
        guard let type = pdu["type"]?.stringValue, let content = pdu["content"]?.objectValue else { return [] }
        let texts = texts(type: type, content: content, keys: Set(allCases))
        guard !texts.isEmpty else { return [] }
        return SearchTerm.terms(of: FoldedText(texts.joined(separator: "\n")))
    }
}

extension SearchQuery {
    /// How closely the closest of some texts matches, and what of it.
    func match(anyOf texts: [String]) -> (score: Int, highlights: [String])? {
        var best: (score: Int, highlights: [String])?
        for text in texts {
            guard let match = match(text), match.score > best?.score ?? -1 else { continue }
            let bytes = Array(text.utf8)
            best = (match.score, match.ranges.map { String(decoding: bytes[$0], as: UTF8.self) })
        }
        return best
    }
}
