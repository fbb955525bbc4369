import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

/// What a device publishes, checked.
///
/// The signatures are not: whoever uses the keys has to check them, and does.
///
/// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysupload
public struct KeysUpload: Sendable {
    let deviceKeys: JSONObject?
    let oneTimeKeys: [PublishedKey]
    let fallbackKeys: [PublishedKey]

    private static let maximumDeviceKeysBytes = 32_768
    private static let maximumKeyBytes = 4_096

    /// - Parameter deviceID: the device that the keys must name as theirs.
    public init(json: JSONObject, userID: UserID, deviceID: String) throws(MatrixError) {
        deviceKeys = try json.optionalObject("device_keys")
        if let deviceKeys { try Self.check(deviceKeys, userID: userID, deviceID: deviceID) }
        oneTimeKeys = try Self.keys(json.optionalObject("one_time_keys"))
        // The name that clients used before version 1.2 of the specification.
        let early = try json.optionalObject("org.matrix.msc2732.fallback_keys")
        let fallback = try json.optionalObject("fallback_keys")
        fallbackKeys = try Self.keys(fallback ?? early)
        guard Set(fallbackKeys.map(\.algorithm)).count == fallbackKeys.count else {
            throw .invalidParameter("'fallback_keys' has two keys of one algorithm")
        }
    }

    private static func check(_ keys: JSONObject, userID: UserID, deviceID: String) throws(MatrixError) {
        guard try utf8Equal(keys.string("user_id"), userID.string) else {
            throw .invalidParameter("'device_keys.user_id' is another user's")
        }
        guard try utf8Equal(keys.string("device_id"), deviceID) else {
            throw .invalidParameter("'device_keys.device_id' is another device's")
        }
        guard try keys.optionalStrings("algorithms") != nil else {
            throw .missingParameter("'device_keys.algorithms' is missing")
        }
        for key in try keys.object("keys").members where key.value.stringValue == nil {
            throw .badJSON("'device_keys.keys' must be strings, not \(key.value.kindDescription)")
        }
        _ = try keys.object("signatures")
        guard keys.bytes().count <= maximumDeviceKeysBytes else {
            throw .tooLarge("'device_keys' has at most \(maximumDeviceKeysBytes) bytes")
        }
    }

    private static func keys(_ object: JSONObject?) throws(MatrixError) -> [PublishedKey] {
        var keys: [PublishedKey] = []
        for member in object?.members ?? [] {
            guard let name = KeyName(member.key) else {
                throw .invalidParameter("a key's name is <algorithm>:<key ID>, not '\(member.key.prefix(80))'")
            }
            switch member.value {
            case .string: break
            case .object(let key): _ = try key.string("key")
            default: throw .badJSON("a key must be a string or an object, not \(member.value.kindDescription)")
            }
            let bytes = member.value.bytes()
            guard bytes.count <= maximumKeyBytes else {
                throw .tooLarge("a key has at most \(maximumKeyBytes) bytes")
            }
            keys.append(PublishedKey(algorithm: name.algorithm, keyID: name.keyID, json: bytes))
        }
        return keys
    }
}

/// `<algorithm>:<key ID>`, both of printable ASCII.
struct KeyName: Equatable {
    let algorithm: String
    let keyID: String

    init?(_ string: String) {
        guard string.utf8.count <= 255, string.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let colon = string.utf8.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        algorithm = String(string[..<colon])
        keyID = String(string[string.utf8.index(after: colon)...])
        guard !algorithm.isEmpty, !keyID.isEmpty else { return nil }
    }
}

extension JSONObject {
    /// What signatures cover, for comparing: the object without `signatures` and `unsigned`.
    var withoutSignatures: JSONObject {
        var object = self
        object["signatures"] = nil
        object["unsigned"] = nil
        return object
    }

    /// Whether this says the same as `other`, whoever has signed it.
    func isSame(as other: JSONObject) -> Bool { withoutSignatures == other.withoutSignatures }
}

extension PublishedKey {
    /// Whether `json` holds the same key, whoever has signed it.
    func isSame(as json: [UInt8]) throws -> Bool {
        switch (try JSONParser.parse(self.json), try JSONParser.parse(json)) {
        case (.object(let mine), .object(let other)): mine.isSame(as: other)
        case (let mine, let other): mine == other
        }
    }
}
