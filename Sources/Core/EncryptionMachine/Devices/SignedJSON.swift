import CanonicalJSON
import Primitives
import UnpaddedBase64

/// https://spec.matrix.org/v1.19/appendices/#signing-json
enum SignedJSON {
    /// The bytes that a signature is made over; nil when canonical JSON does not allow the object.
    static func signedBytes(of object: JSONObject) -> [UInt8]? {
        var object = object
        object["signatures"] = nil
        object["unsigned"] = nil
        do { return try object.canonicalBytes() } catch { return nil }
    }

    /// Whether `user`'s `key`, named `ed25519:keyName`, has signed the object.
    static func isSigned(_ object: JSONObject, by user: String, keyName: String, key: Ed25519Key) -> Bool {
        guard
            let text = object["signatures"]?.objectValue?[user]?.objectValue?["ed25519:" + keyName]?.stringValue,
            let signature = UnpaddedBase64.decode(text), let bytes = signedBytes(of: object)
        else { return false }
        return key.isValid(signature: signature, for: bytes)
    }
}
