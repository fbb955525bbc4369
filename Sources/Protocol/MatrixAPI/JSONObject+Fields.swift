import CanonicalJSON
import MatrixIdentifiers

/// Reading the members of a request body: what is missing or of the wrong type is named in the error.
extension JSONObject {
    /// Nil when the member is absent; `null` counts as absent, as clients write it so.
    public func optional(_ key: String) -> JSONValue? {
        guard let value = self[key], !value.isNull else { return nil }
        return value
    }

    private func mistyped(_ key: String, _ value: JSONValue, expected: String) -> MatrixError {
        .badJSON("'\(key)' must be \(expected), not \(value.kindDescription)")
    }

    private func required<Value>(_ key: String, _ value: Value?) throws(MatrixError) -> Value {
        guard let value else { throw .missingParameter("'\(key)' is missing") }
        return value
    }

    public func optionalString(_ key: String) throws(MatrixError) -> String? {
        guard let value = optional(key) else { return nil }
        guard let string = value.stringValue else { throw mistyped(key, value, expected: "a string") }
        return string
    }

    public func string(_ key: String) throws(MatrixError) -> String { try required(key, optionalString(key)) }

    public func optionalBool(_ key: String) throws(MatrixError) -> Bool? {
        guard let value = optional(key) else { return nil }
        guard let bool = value.boolValue else { throw mistyped(key, value, expected: "a boolean") }
        return bool
    }

    public func bool(_ key: String) throws(MatrixError) -> Bool { try required(key, optionalBool(key)) }

    public func optionalInteger(_ key: String) throws(MatrixError) -> Int64? {
        guard let value = optional(key) else { return nil }
        guard let integer = value.integerValue else { throw mistyped(key, value, expected: "an integer") }
        return integer
    }

    public func integer(_ key: String) throws(MatrixError) -> Int64 { try required(key, optionalInteger(key)) }

    public func optionalObject(_ key: String) throws(MatrixError) -> JSONObject? {
        guard let value = optional(key) else { return nil }
        guard let object = value.objectValue else { throw mistyped(key, value, expected: "an object") }
        return object
    }

    public func object(_ key: String) throws(MatrixError) -> JSONObject { try required(key, optionalObject(key)) }

    public func optionalArray(_ key: String) throws(MatrixError) -> [JSONValue]? {
        guard let value = optional(key) else { return nil }
        guard let array = value.arrayValue else { throw mistyped(key, value, expected: "an array") }
        return array
    }

    public func array(_ key: String) throws(MatrixError) -> [JSONValue] { try required(key, optionalArray(key)) }

    public func optionalStrings(_ key: String) throws(MatrixError) -> [String]? {
        guard let array = try optionalArray(key) else { return nil }
        var strings: [String] = []
        for value in array {
            guard let string = value.stringValue else {
                throw mistyped(key, value, expected: "an array of strings, and one entry is not")
            }
            strings.append(string)
        }
        return strings
    }

    public func optionalObjects(_ key: String) throws(MatrixError) -> [JSONObject]? {
        guard let array = try optionalArray(key) else { return nil }
        var objects: [JSONObject] = []
        for value in array {
            guard let object = value.objectValue else {
                throw mistyped(key, value, expected: "an array of objects, and one entry is not")
            }
            objects.append(object)
        }
        return objects
    }

    /// A member that holds an identifier of the specification's grammar.
    public func optionalIdentifier<ID: MatrixIdentifier>(_ key: String, _: ID.Type) throws(MatrixError) -> ID? {
        guard let string = try optionalString(key) else { return nil }
        guard let identifier = ID(string) else {
            throw .invalidParameter("'\(key)' is not \(ID.grammarName): '\(string.prefix(80))'")
        }
        return identifier
    }

    public func identifier<ID: MatrixIdentifier>(_ key: String, _ type: ID.Type) throws(MatrixError) -> ID {
        try required(key, optionalIdentifier(key, type))
    }
}

extension MatrixIdentifier {
    /// "a user ID", "a room ID" …, for error messages.
    public static var grammarName: String {
        switch Self.self {
        case is UserID.Type: "a user ID"
        case is RoomID.Type: "a room ID"
        case is EventID.Type: "an event ID"
        case is RoomAlias.Type: "a room alias"
        case is ServerName.Type: "a server name"
        default: "an identifier"
        }
    }
}
