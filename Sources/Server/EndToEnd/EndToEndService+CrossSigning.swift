import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

/// https://spec.matrix.org/v1.19/client-server-api/#cross-signing
extension EndToEndService {
    /// Whether the user has to say again who he is before the keys are taken.
    public func needsAuthentication(_ upload: CrossSigningUpload) async throws -> Bool {
        let present = try await database.read { try $0.crossSigningKeys(of: upload.userID) }
        return try upload.needsAuthentication(beside: present)
    }

    /// Stores cross-signing keys.
    ///
    /// - Parameter isAuthenticated: whether the user has just said again who he is.
    public func upload(_ upload: CrossSigningUpload, isAuthenticated: Bool) async throws {
        try await writes.submit { [self] context in
            let present = try context.store.crossSigningKeys(of: upload.userID)
            // Another upload may have come between the question and this.
            guard try isAuthenticated || !upload.needsAuthentication(beside: present) else {
                throw MatrixError.forbidden("the keys were replaced meanwhile; try again")
            }
            try upload.checkSignatures(beside: present)
            let new = try upload.newKeys(beside: present)
            guard !new.isEmpty else { return }
            try checkNames(of: new, userID: upload.userID, in: context)
            if new.contains(where: { $0.usage == .master }) {
                // What the old master key has signed is worth nothing any more.
                for key in present { try remove(key, of: upload.userID, in: context) }
                for key in upload.keys { try context.store.setCrossSigningKey(key.record, of: upload.userID) }
            } else {
                for key in new {
                    if let old = present.first(where: { $0.usage == key.usage }) {
                        try remove(old, of: upload.userID, in: context)
                    }
                    try context.store.setCrossSigningKey(key.record, of: upload.userID)
                }
            }
            try noteDeviceListChange(of: upload.userID, in: context)
        }
    }

    /// A key must not have the name of a device: signatures name both in the same way.
    private func checkNames(of keys: [CrossSigningKey], userID: UserID, in context: WriteContext) throws {
        for key in keys where try context.store.device(key.publicKey, of: userID) != nil {
            throw MatrixError.forbidden("a device of the user has the ID '\(key.publicKey)'")
        }
    }

    /// Removes a key with the signatures of it and by it.
    private func remove(_ key: CrossSigningKeyRecord, of userID: UserID, in context: WriteContext) throws {
        try context.store.deleteCrossSigningKey(key.usage, of: userID)
        try context.store.deleteKeySignatures(of: userID, target: key.publicKey)
        try context.store.deleteKeySignatures(by: userID, keyID: "ed25519:\(key.publicKey)")
    }

    // MARK: Signatures

    /// A key with signatures to be added to it.
    public struct SignedKey: Sendable {
        public let userID: UserID
        /// A device ID or a public key.
        public let target: String
        public let json: JSONObject

        public init(userID: UserID, target: String, json: JSONObject) {
            self.userID = userID
            self.target = target
            self.json = json
        }
    }

    package static let maximumSignedKeys = 1_000

    /// Adds signatures that the user has made: of his own devices, of his master key, and of other users' master keys.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keyssignaturesupload
    ///
    /// - Returns: `failures`: by user and key, why a signature was not taken.
    public func uploadSignatures(_ keys: [SignedKey], by signer: UserID) async throws -> JSONObject {
        guard keys.count <= Self.maximumSignedKeys else {
            throw MatrixError.tooLarge("one request signs at most \(Self.maximumSignedKeys) keys")
        }
        // Checking takes long, so it is not done on the writer's thread.
        let verdicts = try await database.read { store in
            let check = try SignatureCheck(signer: signer, from: store)
            return try keys.map { key in (key, try check.verdict(on: key, from: store)) }
        }
        var failures = JSONObject()
        var accepted: [SignatureCheck.Accepted] = []
        for (key, verdict) in verdicts {
            switch verdict {
            case .success(let signatures): accepted += signatures
            case .failure(let error):
                var ofUser = failures[key.userID.string]?.objectValue ?? [:]
                ofUser[key.target] = .object(error.json)
                failures[key.userID.string] = .object(ofUser)
            }
        }
        if !accepted.isEmpty {
            try await writes.submit { [self, accepted] in try add(accepted, by: signer, in: $0) }
        }
        return failures
    }

    private func add(_ signatures: [SignatureCheck.Accepted], by signer: UserID, in context: WriteContext) throws {
        var changed: Set<UserID> = []
        for signature in signatures {
            let record = signature.record
            // The key may have been replaced meanwhile.
            let present = try SignatureCheck.signedKey(record.target, of: record.userID, from: context.store)
            guard present == signature.target else { continue }
            try context.store.setKeySignature(record)
            changed.insert(record.userID)
        }
        for userID in changed.sorted() {
            // Whom the user has verified is for his own devices only.
            try noteDeviceListChange(of: userID, audience: userID == signer ? nil : signer, in: context)
        }
    }
}
