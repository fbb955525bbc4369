import CanonicalJSON
import MatrixIdentifiers
import UnpaddedBase64

/// Signatures inside the JSON object that they cover.
///
/// https://spec.matrix.org/v1.19/appendices/#signing-json
public enum JSONSigning {
    /// The object with `serverName`'s signature added to those it has.
    public static func sign(
        _ object: JSONObject, serverName: ServerName, key: SigningKey
    ) throws(JSONError) -> JSONObject {
        let signature = key.signature(for: try signedBytes(of: object))
        var signatures = object["signatures"]?.objectValue ?? JSONObject()
        var ofServer = signatures[serverName.string]?.objectValue ?? JSONObject()
        ofServer[key.keyID] = .string(UnpaddedBase64.encode(signature))
        signatures[serverName.string] = .object(ofServer)
        var signed = object
        signed["signatures"] = .object(signatures)
        return signed
    }

    /// Checks one signature of a server.
    public static func verify(
        _ object: JSONObject, serverName: ServerName, keyID: String, key: VerifyKey
    ) throws(SigningError) {
        try verify(object, entity: serverName.string, keyID: keyID, key: key)
    }

    /// Checks one signature.
    ///
    /// https://spec.matrix.org/v1.19/appendices/#checking-for-a-signature
    ///
    /// - Parameter entity: whose signature: a server name or a user ID.
    public static func verify(
        _ object: JSONObject, entity: String, keyID: String, key: VerifyKey
    ) throws(SigningError) {
        // Steps 1 to 3: the entity's entry and the signature by the key that the caller has looked up.
        let ofEntity = object["signatures"]?.objectValue?[entity]?.objectValue
        guard keyID.utf8.starts(with: "ed25519:".utf8), let text = ofEntity?[keyID]?.stringValue else {
            throw SigningError(.missingSignature, "there is no signature of \(entity) with the key \(keyID)")
        }
        // Step 4.
        guard let signature = UnpaddedBase64.decode(text), signature.count == 64 else {
            throw SigningError(.malformedSignature, "the signature of \(entity) is not the base64 of 64 bytes")
        }
        // Steps 5 and 6.
        let bytes: [UInt8]
        do throws(JSONError) {
            bytes = try signedBytes(of: object)
        } catch {
            throw SigningError(.notCanonical, error.reason)
        }
        // Step 7.
        guard key.isValid(signature: signature, for: bytes) else {
            throw SigningError(.invalidSignature, "the signature of \(entity) does not hold")
        }
    }

    /// What a signature covers: the canonical form without `signatures` and `unsigned`.
    static func signedBytes(of object: JSONObject) throws(JSONError) -> [UInt8] {
        var covered = object
        covered["signatures"] = nil
        covered["unsigned"] = nil
        return try covered.canonicalBytes()
    }
}
