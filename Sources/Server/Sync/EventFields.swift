import CanonicalJSON

/// The parts of events that a client wants, when it does not want all.
///
/// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3useruseridfilter
struct EventFields: Sendable {
    private let paths: [[String]]

    /// - Parameter fields: names within each other, parted by dots: `content.body`.
    init(_ fields: [String]) {
        paths = fields.map { $0.split(separator: ".", omittingEmptySubsequences: false).map(String.init) }
    }

    /// The event with nothing but the wanted parts.
    func keeping(in event: [UInt8]) -> [UInt8] {
        guard case .object(let object) = try? JSONParser.parse(event) else { return event }
        var kept = JSONObject()
        for path in paths { Self.copy(path[...], from: object, to: &kept) }
        return kept.bytes()
    }

    private static func copy(_ path: ArraySlice<String>, from source: JSONObject, to target: inout JSONObject) {
        guard let name = path.first, let value = source[name] else { return }
        let rest = path.dropFirst()
        if rest.isEmpty {
            target[name] = value
        } else if case .object(let inner) = value {
            var part = target[name]?.objectValue ?? [:]
            copy(rest, from: inner, to: &part)
            if !part.isEmpty { target[name] = .object(part) }
        }
    }
}
