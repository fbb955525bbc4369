import MatrixAPI

/// Finds the value registered for a method and a path, where `{name}` in a template stands for one path segment.
public struct Router<Value: Sendable>: Sendable {
    public enum Match: Sendable {
        case found(Value, parameters: PathParameters)
        /// The path is known, but not with this method.
        case methodNotAllowed
        case notFound
        /// A path segment is not percent-encoded UTF-8, or holds a NUL.
        case malformed
    }

    private final class Node {
        var literals: [String: Node] = [:]
        var parameter: Node?
        var routes: [(method: String, value: Value, names: [String])] = []
    }

    // Never changed after the routes are registered, which is before the router is handed to the server.
    private nonisolated(unsafe) let root = Node()

    public init() {}

    /// Registers `value`; an endpoint registered twice is a mistake of ours.
    public mutating func add(method: String, template: String, value: Value) {
        var node = root
        var names: [String] = []
        for segment in template.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            if segment.first == "{", segment.last == "}" {
                names.append(String(segment.dropFirst().dropLast()))
                if node.parameter == nil { node.parameter = Node() }
                node = node.parameter!
            } else {
                let key = String(segment)
                if node.literals[key] == nil { node.literals[key] = Node() }
                node = node.literals[key]!
            }
        }
        precondition(!node.routes.contains { $0.method == method }, "\(method) \(template) is registered twice")
        node.routes.append((method, value, names))
    }

    public func match(method: String, path: String) -> Match {
        let segments = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()
        var values: [Substring.UTF8View] = []
        guard let node = Self.find(segments[...], from: root, values: &values) else { return .notFound }
        let sought = method == "HEAD" ? "GET" : method
        guard let route = node.routes.first(where: { $0.method == sought }) else { return .methodNotAllowed }
        var parameters = PathParameters()
        for (name, value) in zip(route.names, values) {
            // No name that stands in a path holds a NUL, and what stores them may take it for their end.
            guard let decoded = PercentEncoding.decode(value), !decoded.utf8.contains(0) else { return .malformed }
            parameters.add(name, decoded)
        }
        return .found(route.value, parameters: parameters)
    }

    private static func find(
        _ segments: ArraySlice<Substring.UTF8View>, from node: Node, values: inout [Substring.UTF8View]
    ) -> Node? {
        guard let segment = segments.first else { return node.routes.isEmpty ? nil : node }
        let rest = segments.dropFirst()
        if let child = node.literals[String(Substring(segment))], let found = find(rest, from: child, values: &values) {
            return found
        }
        // An empty segment is a parameter's value only at the end of a path: `/state/m.room.name/` has an empty
        // state key.
        guard let child = node.parameter, !segment.isEmpty || rest.isEmpty else { return nil }
        values.append(segment)
        if let found = find(rest, from: child, values: &values) { return found }
        values.removeLast()
        return nil
    }
}

/// The values of a path template's parameters, decoded.
public struct PathParameters: Sendable {
    private var values: [(name: String, value: String)] = []

    public init() {}

    mutating func add(_ name: String, _ value: String) { values.append((name, value)) }

    /// Empty when the template has no such parameter.
    public subscript(name: String) -> String { values.first { $0.name == name }?.value ?? "" }
}
