import CanonicalJSON
import Olm
import Primitives
import UnpaddedBase64

/// What the test asks for, with what it should have said and did not as an error.
struct Request {
    struct Missing: Error {
        let name: String
    }

    private let members: JSONObject

    init(_ members: JSONObject) {
        self.members = members
    }

    func has(_ name: String) -> Bool { members[name] != nil }

    func text(_ name: String) throws -> String {
        guard let value = members[name]?.stringValue else { throw Missing(name: name) }
        return value
    }

    func number(_ name: String) throws -> Int {
        guard let value = members[name]?.integerValue else { throw Missing(name: name) }
        return Int(value)
    }

    func bytes(_ name: String) throws -> [UInt8] {
        guard let value = UnpaddedBase64.decode(try text(name)) else { throw Missing(name: name) }
        return value
    }

    func object(_ name: String) throws -> JSONObject {
        guard let value = members[name]?.objectValue else { throw Missing(name: name) }
        return value
    }

    func curve25519Key(_ name: String) throws -> Curve25519Key {
        guard let key = Curve25519Key(base64: try text(name)) else { throw Missing(name: name) }
        return key
    }

    func olmMessage() throws -> OlmMessage {
        try OlmMessage(type: try number("type"), body: try text("body"))
    }
}

extension JSONValue {
    static func bytes(_ bytes: [UInt8]) -> JSONValue { .string(UnpaddedBase64.encode(bytes)) }
    static func number(_ number: Int) -> JSONValue { .integer(Int64(number)) }
}
