import CanonicalJSON

extension JSONValue {
    /// A member of an object; nil for anything else.
    public subscript(key: String) -> JSONValue? { objectValue?[key] }

    /// An entry of an array; nil beyond its end.
    public subscript(index: Int) -> JSONValue? {
        guard let array = arrayValue, array.indices.contains(index) else { return nil }
        return array[index]
    }

    public var strings: [String] { (arrayValue ?? []).compactMap(\.stringValue) }
}

extension JSONObject {
    public init(parsing bytes: [UInt8]) throws {
        guard case .object(let object) = try JSONParser.parse(bytes) else { throw NoObject() }
        self = object
    }

    private struct NoObject: Error {}
}
