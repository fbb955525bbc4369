import ApplicationServices
import CanonicalJSON
import MatrixIdentifiers
import Yams

/// The registration file of an application service, in YAML.
///
/// https://spec.matrix.org/v1.19/application-service-api/#registration
package enum RegistrationFile {
    /// - Parameter path: for the messages.
    package static func service(
        of text: String, path: String, serverName: ServerName
    ) throws(ConfigurationFaults) -> ApplicationService {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw ConfigurationFaults("application-services: \(path) is not YAML: \(error)")
        }
        guard case .object(let json)? = root.map(json) else {
            throw ConfigurationFaults("application-services: \(path) must be a list of 'name: value'.")
        }
        do {
            return try ApplicationService(registration: json, serverName: serverName)
        } catch {
            throw ConfigurationFaults("application-services: \(path): \(error.reason).")
        }
    }

    /// YAML that says the same as JSON could. What is neither true nor false nor null is a text, a
    /// token of digits too.
    private static func json(_ node: Node) -> JSONValue {
        switch node {
        case .mapping(let mapping):
            return .object(JSONObject(members: mapping.map { ($0.key.string ?? "", json($0.value)) }))
        case .sequence(let sequence): return .array(sequence.map(json))
        case .scalar, .alias:
            if node.scalar?.style == .plain {
                if node.null != nil { return .null }
                if let bool = node.bool { return .bool(bool) }
            }
            return .string(node.string ?? "")
        }
    }
}
