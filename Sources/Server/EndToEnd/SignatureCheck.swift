import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import Rules
import UnpaddedBase64

/// Which signatures a user may add to which keys: with his self-signing key to his devices, with his devices' keys to
/// his master key, with his user-signing key to others' master keys.
///
/// https://spec.matrix.org/v1.19/client-server-api/#cross-signing
struct SignatureCheck {
    /// A signature that holds, and the stored key that it is of.
    struct Accepted: Sendable {
        let record: KeySignatureRecord
        let target: [UInt8]
    }

    private let signer: UserID
    private let crossSigning: [CrossSigningKey]
    private let devices: [DeviceKeysRecord]

    init(signer: UserID, from store: any StoreReader) throws {
        self.signer = signer
        crossSigning = try store.crossSigningKeys(of: signer).map { try CrossSigningKey($0, of: signer) }
        devices = try store.deviceKeys(of: signer)
    }

    func verdict(
        on key: EndToEndService.SignedKey, from store: any StoreReader
    ) throws -> Result<[Accepted], MatrixError> {
        guard let stored = try Self.signedKey(key.target, of: key.userID, from: store),
            case .object(let present) = try JSONParser.parse(stored)
        else { return .failure(.notFound("there is no such key")) }
        guard present.isSame(as: key.json) else {
            return .failure(.invalidParameter("this is not the key that is stored under that name"))
        }
        do throws(MatrixError) {
            let signatures = try signatures(of: key, present: present)
            return .success(signatures.map { Accepted(record: $0, target: stored) })
        } catch {
            return .failure(error)
        }
    }

    private func signatures(
        of key: EndToEndService.SignedKey, present: JSONObject
    ) throws(MatrixError) -> [KeySignatureRecord] {
        let offered = key.json["signatures"]?.objectValue?[signer.string]?.objectValue ?? [:]
        let known = present["signatures"]?.objectValue?[signer.string]?.objectValue ?? [:]
        var records: [KeySignatureRecord] = []
        for member in offered.members {
            guard let signature = member.value.stringValue else {
                throw MatrixError(400, .invalidSignature, "a signature is a string")
            }
            // Clients send back those that came with the key.
            if let known = known[member.key]?.stringValue, utf8Equal(known, signature) { continue }
            guard let verifyKey = verifyKey(member.key, for: key, present: present) else {
                throw MatrixError(400, .invalidSignature, "'\(member.key.prefix(80))' must not sign this key")
            }
            do {
                try JSONSigning.verify(key.json, entity: signer.string, keyID: member.key, key: verifyKey)
            } catch {
                throw MatrixError(400, .invalidSignature, error.reason)
            }
            records.append(
                KeySignatureRecord(
                    userID: key.userID, target: key.target, signer: signer, keyID: member.key, signature: signature))
        }
        guard !records.isEmpty || !offered.isEmpty else {
            throw MatrixError(400, .invalidSignature, "there is no signature of \(signer)")
        }
        return records
    }

    /// The key of this name, if it is one that signs keys such as this.
    private func verifyKey(_ keyID: String, for key: EndToEndService.SignedKey, present: JSONObject) -> VerifyKey? {
        let isDevice = present["device_id"] != nil
        let usage: CrossSigningKeyRecord.Usage
        switch (key.userID == signer, isDevice) {
        case (true, true): usage = .selfSigning
        case (true, false): return deviceKey(keyID)
        case (false, true): return nil
        case (false, false): usage = .userSigning
        }
        return crossSigning.first { $0.usage == usage && utf8Equal($0.keyID, keyID) }?.verifyKey
    }

    /// The key of one of the signer's devices.
    private func deviceKey(_ keyID: String) -> VerifyKey? {
        for device in devices where utf8Equal(keyID, "ed25519:\(device.deviceID)") {
            guard case .object(let keys) = try? JSONParser.parse(device.json) else { return nil }
            let text = keys["keys"]?.objectValue?[keyID]?.stringValue
            return text.flatMap { UnpaddedBase64.decode($0) }.flatMap(VerifyKey.init(publicKey:))
        }
        return nil
    }

    /// The stored key that signatures can be added to, a device's or a master key. JSON as bytes.
    static func signedKey(_ target: String, of userID: UserID, from store: any StoreReader) throws -> [UInt8]? {
        if let device = try store.device(target, of: userID) { return try store.deviceKeys(of: device.number) }
        return try store.crossSigningKeys(of: userID).first { $0.usage == .master && utf8Equal($0.publicKey, target) }?
            .json
    }
}
