import CanonicalJSON

/// The names of one kind (users, aliases or rooms) that an application service cares about.
///
/// https://spec.matrix.org/v1.19/application-service-api/#registration
public struct Namespaces: Sendable {
    private struct Entry {
        let pattern: NamespacePattern
        let isExclusive: Bool
    }

    private let entries: [Entry]

    public var isEmpty: Bool { entries.isEmpty }

    public func contains(_ name: String) -> Bool { entries.contains { $0.pattern.matches(name) } }

    /// Whether nobody else may make such a name.
    public func isExclusive(_ name: String) -> Bool {
        entries.contains { $0.isExclusive && $0.pattern.matches(name) }
    }

    private static let maximumCount = 1_000

    /// - Parameter json: a list of `{regex, exclusive}`; nil for none.
    init(_ json: JSONValue?, kind: String) throws(RegistrationFault) {
        guard let json, !json.isNull else {
            entries = []
            return
        }
        guard let list = json.arrayValue, list.count <= Self.maximumCount else {
            throw RegistrationFault("'namespaces.\(kind)' must be a list of at most \(Self.maximumCount) namespaces")
        }
        var entries: [Entry] = []
        for element in list {
            guard let regex = element.objectValue?["regex"]?.stringValue else {
                throw RegistrationFault("a namespace of '\(kind)' has no 'regex'")
            }
            // Old registrations leave it out.
            guard let isExclusive = (element.objectValue?["exclusive"] ?? false).boolValue else {
                throw RegistrationFault("'exclusive' of the namespace '\(regex)' must be true or false")
            }
            do {
                entries.append(Entry(pattern: try NamespacePattern(regex), isExclusive: isExclusive))
            } catch {
                throw RegistrationFault("the 'regex' \(regex) of '\(kind)' \(error.reason)")
            }
        }
        self.entries = entries
    }
}
