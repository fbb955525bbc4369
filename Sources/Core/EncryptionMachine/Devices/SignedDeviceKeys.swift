import CanonicalJSON
import CrossSigning
import Primitives

/// `device_keys` of a user's device that say what they should and are signed by the device itself.
///
/// https://spec.matrix.org/v1.19/client-server-api/#uploading-keys
struct SignedDeviceKeys {
    let deviceID: String
    let curve25519Key: Curve25519Key
    let ed25519Key: Ed25519Key
    /// Without `unsigned`.
    let json: JSONObject
    let supportsMegolm: Bool

    private static let maximumBytes = 16_384

    /// - Parameter deviceID: nil when the object itself says which device it is.
    init?(_ json: JSONObject, userID: String, deviceID: String? = nil) {
        guard let named = json.string("device_id"), isIdentifier(named), deviceID.map({ utf8Equal($0, named) }) ?? true,
            let user = json.string("user_id"), utf8Equal(user, userID), let keys = json.object("keys"),
            let curve25519 = keys.string("curve25519:" + named), let curve25519Key = Curve25519Key(base64: curve25519),
            let ed25519 = keys.string("ed25519:" + named), let ed25519Key = Ed25519Key(base64: ed25519),
            let algorithms = json["algorithms"]?.arrayValue
        else { return nil }
        guard SignedJSON.isSigned(json, userID: userID, keyID: "ed25519:" + named, by: ed25519Key) else { return nil }
        var json = json
        json["unsigned"] = nil
        guard json.bytes().count <= Self.maximumBytes else { return nil }
        self.deviceID = named
        self.curve25519Key = curve25519Key
        self.ed25519Key = ed25519Key
        self.json = json
        func supports(_ name: String) -> Bool {
            algorithms.contains { $0.stringValue.map { utf8Equal($0, name) } ?? false }
        }
        supportsMegolm = supports(Algorithm.olm) && supports(Algorithm.megolm)
    }
}

enum Algorithm {
    static let olm = "m.olm.v1.curve25519-aes-sha2"
    static let megolm = "m.megolm.v1.aes-sha2"
}
