import CanonicalJSON
import UnpaddedBase64

/// Why a file could not be decrypted.
public enum AttachmentError: Error, Equatable, Sendable {
    /// The description is not a `v2` one with an AES key and a SHA-256 hash.
    case malformedDescription
    /// The bytes are not those that the sender hashed: the server gave others. None of them may be used.
    case wrongHash
    /// Longer than the caller allows.
    case tooLarge
}

/// Where an encrypted file lies and what decrypts it, as it stands in an event's `file` and `thumbnail_file`.
///
/// https://spec.matrix.org/v1.19/client-server-api/#definition-encryptedfile
public struct EncryptedFile: Sendable, Equatable {
    public let url: String
    /// 32 bytes.
    public let key: [UInt8]
    /// The first counter block: 16 bytes.
    public let iv: [UInt8]
    /// SHA-256 of the ciphertext.
    public let hash: [UInt8]

    /// - Parameter url: the `mxc://` address that the server gave for the uploaded ciphertext.
    public init(url: String, secrets: EncryptedFileSecrets) {
        self.url = url
        key = secrets.key
        iv = secrets.iv
        hash = secrets.hash
    }

    /// Reads what another client wrote.
    ///
    /// - Throws: ``AttachmentError/malformedDescription``, also for `v1`, which had a counter that could repeat.
    public init(json: JSONObject) throws(AttachmentError) {
        guard let version = json["v"]?.stringValue, utf8Equal(version, "v2"), let url = json["url"]?.stringValue,
            let webKey = json["key"]?.objectValue,
            let type = webKey["kty"]?.stringValue, utf8Equal(type, "oct"),
            let algorithm = webKey["alg"]?.stringValue, utf8Equal(algorithm, "A256CTR"),
            let key = webKey["k"]?.stringValue.flatMap({ UnpaddedBase64.decode($0, alphabet: .urlSafe) }),
            key.count == 32,
            let iv = json["iv"]?.stringValue.flatMap({ UnpaddedBase64.decode($0) }), iv.count == 16,
            let hash = json["hashes"]?.objectValue?["sha256"]?.stringValue.flatMap({ UnpaddedBase64.decode($0) }),
            hash.count == 32
        else { throw .malformedDescription }
        self.url = url
        self.key = key
        self.iv = iv
        self.hash = hash
    }

    public var json: JSONObject {
        [
            "v": "v2", "url": .string(url),
            "key": [
                "kty": "oct", "alg": "A256CTR", "ext": true, "key_ops": ["encrypt", "decrypt"],
                "k": .string(UnpaddedBase64.encode(key, alphabet: .urlSafe)),
            ],
            "iv": .string(UnpaddedBase64.encode(iv)),
            "hashes": ["sha256": .string(UnpaddedBase64.encode(hash))],
        ]
    }

    public static func == (left: Self, right: Self) -> Bool {
        utf8Equal(left.url, right.url) && left.key == right.key && left.iv == right.iv && left.hash == right.hash
    }
}

/// What ``AttachmentEncryptor`` made, before the file has an address.
public struct EncryptedFileSecrets: Sendable {
    public let key: [UInt8]
    public let iv: [UInt8]
    public let hash: [UInt8]
}
