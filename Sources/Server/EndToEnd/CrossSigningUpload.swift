import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import Rules
import UnpaddedBase64

/// A cross-signing key that follows its format.
///
/// https://spec.matrix.org/v1.19/client-server-api/#cross-signing
struct CrossSigningKey: Sendable {
    let usage: CrossSigningKeyRecord.Usage
    /// Unpadded base64.
    let publicKey: String
    let verifyKey: VerifyKey
    let json: JSONObject

    var keyID: String { "ed25519:\(publicKey)" }
    var record: CrossSigningKeyRecord {
        CrossSigningKeyRecord(usage: usage, publicKey: publicKey, json: json.bytes())
    }

    private static let maximumBytes = 32_768

    init(json: JSONObject, usage: CrossSigningKeyRecord.Usage, userID: UserID) throws(MatrixError) {
        let name = "\(usage.rawValue)_key"
        guard try utf8Equal(json.string("user_id"), userID.string) else {
            throw .invalidParameter("'\(name).user_id' is another user's")
        }
        guard try json.optionalStrings("usage")?.contains(where: { utf8Equal($0, usage.rawValue) }) == true else {
            throw .invalidParameter("'\(name).usage' does not say \(usage.rawValue)")
        }
        let keys = try json.object("keys")
        guard keys.count == 1, let member = keys.members.first, let value = member.value.stringValue,
            utf8Equal(member.key, "ed25519:\(value)"), let bytes = UnpaddedBase64.decode(value),
            let verifyKey = VerifyKey(publicKey: bytes)
        else { throw .invalidParameter("'\(name).keys' must be one Ed25519 key, which names itself") }
        _ = try json.optionalObject("signatures")
        guard json.bytes().count <= Self.maximumBytes else {
            throw .tooLarge("'\(name)' has at most \(Self.maximumBytes) bytes")
        }
        self.usage = usage
        self.json = json
        self.verifyKey = verifyKey
        publicKey = value
    }

    /// A key that was checked when it was stored.
    init(_ record: CrossSigningKeyRecord, of userID: UserID) throws {
        guard case .object(let json) = try JSONParser.parse(record.json) else {
            throw MatrixError(500, .unknown, "a stored key is no object")
        }
        try self.init(json: json, usage: record.usage, userID: userID)
    }

    /// Whether this key has signed `object`.
    func check(signatureOf object: JSONObject, userID: UserID) throws(MatrixError) {
        do {
            try JSONSigning.verify(object, entity: userID.string, keyID: keyID, key: verifyKey)
        } catch {
            throw MatrixError(400, .invalidSignature, error.reason)
        }
    }
}

/// The cross-signing keys of one upload, checked against each other and those that are there.
public struct CrossSigningUpload: Sendable {
    let userID: UserID
    let keys: [CrossSigningKey]

    public init(json: JSONObject, userID: UserID) throws(MatrixError) {
        self.userID = userID
        var keys: [CrossSigningKey] = []
        for usage in CrossSigningKeyRecord.Usage.allCases {
            guard let key = try json.optionalObject("\(usage.rawValue)_key") else { continue }
            keys.append(try CrossSigningKey(json: key, usage: usage, userID: userID))
        }
        self.keys = keys
        guard Set(keys.map { ByteExactString($0.publicKey) }).count == keys.count else {
            throw .invalidParameter("each cross-signing key must be another")
        }
    }

    /// The keys that are not there already.
    func newKeys(beside present: [CrossSigningKeyRecord]) throws -> [CrossSigningKey] {
        let known = try present.map { try CrossSigningKey($0, of: userID) }
        return keys.filter { key in !known.contains { $0.usage == key.usage && $0.json.isSame(as: key.json) } }
    }

    /// Whether the user has to say again who he is: when he has a master key and this is not the same upload again.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysdevice_signingupload
    func needsAuthentication(beside present: [CrossSigningKeyRecord]) throws -> Bool {
        guard present.contains(where: { $0.usage == .master }) else { return false }
        return try !newKeys(beside: present).isEmpty
    }

    /// Checks that the master key has signed the other keys.
    func checkSignatures(beside present: [CrossSigningKeyRecord]) throws {
        let subordinates = keys.filter { $0.usage != .master }
        guard !subordinates.isEmpty else { return }
        let stored = try present.first { $0.usage == .master }.map { try CrossSigningKey($0, of: userID) }
        guard let master = keys.first(where: { $0.usage == .master }) ?? stored else {
            throw MatrixError.missingParameter("there is no master key to sign the others")
        }
        for key in subordinates { try master.check(signatureOf: key.json, userID: userID) }
    }
}
