import CanonicalJSON

extension JSONValue {
    /// A member of an object; nil for anything else.
    subscript(key: String) -> JSONValue? { objectValue?[key] }
}

extension JSONObject {
    func string(at key: String) -> String? { self[key]?.stringValue }

    /// The strings of an array; what is none is left out.
    func strings(at key: String) -> [String] { self[key]?.arrayValue?.compactMap(\.stringValue) ?? [] }

    /// The objects of an array; what is none is left out.
    func objects(at key: String) -> [JSONObject] { self[key]?.arrayValue?.compactMap(\.objectValue) ?? [] }
}
