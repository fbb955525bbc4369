import CanonicalJSON
import EncryptedAttachments
import Primitives
import RandomJSON
import Testing
import UnpaddedBase64

struct EncryptedAttachmentsTests {
    private let plaintext = Array("hello 안녕, this is a file of more than one block".utf8)
    /// What matrix-nio 0.26.0 encrypts with these random bytes.
    private let random = RandomSource { count in (0..<count).map { UInt8(truncatingIfNeeded: $0 * 5 + 1) } }
    private let ciphertext = UnpaddedBase64.decode(
        "0IdV6qs2nIBY0DVp4LO/XZ4HKcgAJQPAt8ejXttDrMVNBiqHJgkRJZDVbEqdV/rbaQP6")!
    private let json: JSONObject = [
        "url": "mxc://example.org/file", "v": "v2",
        "key": [
            "kty": "oct", "alg": "A256CTR", "ext": true, "k": "AQYLEBUaHyQpLjM4PUJHTFFWW2Blam90eX6DiI2Sl5w",
            "key_ops": ["encrypt", "decrypt"],
        ],
        "iv": "AQYLEBUaHyQAAAAAAAAAAA", "hashes": ["sha256": "+oTvVBO1XdDcYsW+REdllJ60KcI/9jNQG5hre6orq14"],
    ]

    @Test func matrixNioEncryptsTheSame() throws {
        let (encrypted, secrets) = AttachmentEncryptor.encrypt(plaintext, random: random)
        #expect(encrypted == ciphertext)
        #expect(EncryptedFile(url: "mxc://example.org/file", secrets: secrets).json == json)
        #expect(try EncryptedFile(json: json).decrypt(ciphertext) == plaintext)
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#extensions-to-mroommessage-msgtypes
    @Test func theExampleOfTheSpecificationIsRead() throws {
        let example: JSONObject = [
            "url": "mxc://example.org/FHyPlCeYUSFFxlgbQYZmoEoe", "v": "v2",
            "key": [
                "alg": "A256CTR", "ext": true, "k": "aWF6-32KGYaC3A_FEUCk1Bt0JA37zP0wrStgmdCaW-0",
                "key_ops": ["encrypt", "decrypt"], "kty": "oct",
            ],
            "iv": "w+sE15fzSc0AAAAAAAAAAA", "hashes": ["sha256": "fdSLu/YkRx3Wyh3KQabP3rd6+SFiKg5lsJZQHtkSAYA"],
        ]
        #expect(try EncryptedFile(json: example).json == example)
    }

    @Test func piecesOfAnyLengthGiveTheSame() throws {
        var generator = SeededGenerator.fresh()
        for _ in 0..<50 {
            let bytes = (0..<Int.random(in: 0...2000, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            var encryptor = AttachmentEncryptor(random: random)
            var encrypted: [UInt8] = []
            for piece in pieces(of: bytes, &generator) { encrypted += encryptor.update(piece) }
            let file = EncryptedFile(url: "mxc://a/b", secrets: encryptor.finish())
            var verifier = AttachmentVerifier(file, maximumBytes: bytes.count)
            for piece in pieces(of: encrypted, &generator) { try verifier.update(piece) }
            var decryptor = try verifier.finish()
            var decrypted: [UInt8] = []
            for piece in pieces(of: encrypted, &generator) { decrypted += decryptor.update(piece) }
            #expect(decrypted == bytes, "SEED=\(generator.seed)")
            #expect(decryptor.isTheSame)
        }
    }

    private func pieces(of bytes: [UInt8], _ generator: inout SeededGenerator) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...200, using: &generator))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }

    @Test func nothingIsReleasedUnlessTheHashIsRight() throws {
        let file = try EncryptedFile(json: json)
        for index in ciphertext.indices {
            var changed = ciphertext
            changed[index] ^= 1
            #expect(throws: AttachmentError.wrongHash) { try file.decrypt(changed) }
        }
        #expect(throws: AttachmentError.wrongHash) { try file.decrypt(Array(ciphertext.dropLast())) }
        #expect(throws: AttachmentError.wrongHash) { try file.decrypt([]) }
    }

    @Test func aFileThatWasChangedAfterItWasVerifiedIsNoticed() throws {
        var verifier = AttachmentVerifier(try EncryptedFile(json: json), maximumBytes: 1000)
        try verifier.update(ciphertext)
        var decryptor = try verifier.finish()
        _ = decryptor.update(Array(ciphertext.dropLast()))
        #expect(!decryptor.isTheSame)
    }

    @Test func aDownloadHasABound() throws {
        var verifier = AttachmentVerifier(try EncryptedFile(json: json), maximumBytes: 100)
        try verifier.update([UInt8](repeating: 0, count: 100))
        #expect(throws: AttachmentError.tooLarge) { try verifier.update([0]) }
    }

    @Test func otherDescriptionsAreRefused() {
        func with(_ change: (inout JSONObject) -> Void) -> JSONObject {
            var changed = json
            change(&changed)
            return changed
        }
        func withKey(_ member: String, _ value: JSONValue?) -> JSONObject {
            with { json in
                var key = json["key"]?.objectValue ?? [:]
                key[member] = value
                json["key"] = .object(key)
            }
        }
        let malformed = [
            with { $0["v"] = "v1" }, with { $0["v"] = nil }, with { $0["url"] = nil }, with { $0["iv"] = "AAAA" },
            with { $0["hashes"] = ["md5": "AAAA"] }, with { $0["hashes"] = ["sha256": "AAAA"] },
            with { $0["key"] = nil }, withKey("alg", "A128CTR"), withKey("kty", "RSA"), withKey("k", "AAAA"),
            withKey("k", "+/+/"), withKey("k", nil),
        ]
        for json in malformed {
            #expect(throws: AttachmentError.malformedDescription) { try EncryptedFile(json: json) }
        }
    }
}
