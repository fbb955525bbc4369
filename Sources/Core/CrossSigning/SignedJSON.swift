import CanonicalJSON
import Primitives
import UnpaddedBase64

/// Signatures over JSON objects: what vouches for device keys, one-time keys, cross-signing keys and backups.
///
/// https://spec.matrix.org/v1.19/appendices/#signing-json
public enum SignedJSON {
    /// The bytes that are signed: canonical JSON without `signatures` and `unsigned`.
    ///
    /// - Returns: nil when the object has no canonical form, which nobody can have signed.
    public static func signedBytes(_ object: JSONObject) -> [UInt8]? {
        var signed = object
        signed["signatures"] = nil
        signed["unsigned"] = nil
        do throws(JSONError) { return try signed.canonicalBytes() } catch { return nil }
    }

    /// Adds one signature to `object`, beside those it has.
    ///
    /// - Parameter keyID: with its algorithm, such as `ed25519:DEVICE`.
    /// - Returns: false, with nothing changed, when the object has no canonical form.
    @discardableResult
    public static func sign(_ object: inout JSONObject, userID: String, keyID: String, with pair: Ed25519KeyPair)
        -> Bool
    {
        guard let bytes = signedBytes(object) else { return false }
        var signatures = object["signatures"]?.objectValue ?? JSONObject()
        var ofUser = signatures[userID]?.objectValue ?? JSONObject()
        ofUser[keyID] = .string(UnpaddedBase64.encode(pair.sign(bytes)))
        signatures[userID] = .object(ofUser)
        object["signatures"] = .object(signatures)
        return true
    }

    /// Whether `object` bears a valid signature of `key` under exactly this user and key ID.
    ///
    /// The key is a parameter, and never looked up by its ID: device IDs and cross-signing keys share one namespace.
    public static func isSigned(_ object: JSONObject, userID: String, keyID: String, by key: Ed25519Key) -> Bool {
        guard let text = object["signatures"]?.objectValue?[userID]?.objectValue?[keyID]?.stringValue,
            let signature = UnpaddedBase64.decode(text), let bytes = signedBytes(object)
        else { return false }
        return key.isValid(signature: signature, for: bytes)
    }
}
