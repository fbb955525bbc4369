/// A JSON value whose strings are compared by their UTF-8 bytes.
///
/// Swift's `String` equality is canonical equivalence, which would merge keys that the specification keeps apart;
/// equality here, and the order and uniqueness of object keys, work on bytes.
///
/// https://spec.matrix.org/v1.19/appendices/#canonical-json
public enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// An integer that canonical JSON allows: written without fraction, exponent or minus zero, and within
    /// [-(2^53)+1, 2^53-1].
    case integer(Int64)
    /// Any other number, kept as it was written. Allowed outside events (a tag's `order` is a fraction), refused by
    /// the canonical encoder.
    case number(literal: String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// The integers that canonical JSON allows.
    public static let integerRange: ClosedRange<Int64> = -(1 << 53) + 1...(1 << 53) - 1
}

extension JSONValue {
    public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
    public var integerValue: Int64? { if case .integer(let value) = self { value } else { nil } }
    public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
    public var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    public var objectValue: JSONObject? { if case .object(let value) = self { value } else { nil } }
    public var isNull: Bool { if case .null = self { true } else { false } }

    /// What kind of value this is, for error messages: "an object", "a string" …
    public var kindDescription: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSONValue: Equatable {
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): utf8Equal(left, right)
        case (.string(let left), .string(let right)): utf8Equal(left, right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONValue: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(members: elements))
    }
}
