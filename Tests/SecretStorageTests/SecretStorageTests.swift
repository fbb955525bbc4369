import CanonicalJSON
import Primitives
import RandomJSON
import SecretStorage
import Testing

/// Against account data that mautrix (0.21.1) has in its tests, and what it encrypted for us.
struct SecretStorageTests {
    private let keyID = "gEJqbfSEMnP5JXXcukpXEX1l0aI3MDs0"
    private let recoveryKey = "EsTE s92N EtaX s2h6 VQYF 9Kao tHYL mkyL GKMh isZb KJ4E tvoC"
    private let description: JSONObject = [
        "algorithm": "m.secret_storage.v1.aes-hmac-sha2",
        "passphrase": ["algorithm": "m.pbkdf2", "iterations": 500_000, "salt": "y863BOoqOadgDp8S3FtHXikDJEalsQ7d"],
        "iv": "xxkTK0L4UzxgAFkQ6XPwsw", "mac": "MEhooO0ZhFJNxUhvRMSxBnJfL20wkLgle3ocY0ee/eA",
    ]
    /// With padding, as some write it.
    private let master: JSONObject = [
        "encrypted": [
            "gEJqbfSEMnP5JXXcukpXEX1l0aI3MDs0": [
                "iv": "BpKP9nQJTE9jrsAssoxPqQ==",
                "ciphertext": "fNRiiiidezjerTgV+G6pUtmeF3izzj5re/mVvY0hO2kM6kYGrxLuIu2ej80=",
                "mac": "/gWGDGMyOLmbJp+aoSLh5JxCs0AdS6nAhjzpe+9G2Q0=",
            ]
        ]
    ]
    private let random = RandomSource { count in (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + 3) } }

    @Test func theRecoveryKeyIsRightAndReadsTheSecret() throws {
        let described = try SecretStorageKeyDescription(keyID: keyID, json: description)
        let key = try described.key(from: recoveryKey)
        #expect(described.verdict(on: key) == .right)
        #expect(key.recoveryKey == recoveryKey)
        let secret = try key.decrypt(master, name: "m.cross_signing.master", keyID: keyID)
        #expect(secret == "aPl/0ZIu7Pa4K7iQ0k0GUphOeh1wO56Ge3669/65W28=")
        #expect(throws: SecretStorageError.authenticationFailed) {
            try key.decrypt(master, name: "m.cross_signing.self_signing", keyID: keyID)
        }
        #expect(throws: SecretStorageError.notEncryptedWithThisKey) {
            try key.decrypt(master, name: "m.cross_signing.master", keyID: "another")
        }
    }

    @Test func thePassphraseMakesTheSameKey() throws {
        let described = try SecretStorageKeyDescription(keyID: keyID, json: description)
        #expect(try described.key(from: "correct horse battery staple").recoveryKey == recoveryKey)
        #expect(throws: SecretStorageError.wrongKey) { try described.key(from: "incorrect horse battery staple") }
        // A good recovery key of something else, tried as a passphrase too.
        #expect(throws: SecretStorageError.wrongKey) {
            try described.key(from: "EsUC xSxt XJgQ dz19 8WBZ rHdE GZo7 ybsn EFmG Y5HY MDAG GNWe")
        }
    }

    /// A second implementation's PBKDF2 over a passphrase that is not ASCII: Python's `hashlib`.
    @Test func passphrasesAreUTF8() throws {
        let json: JSONObject = ["algorithm": "m.pbkdf2", "salt": "MmMsAlty", "iterations": 1000]
        let key = SecretStorageKey(
            passphrase: "correct horse 비밀", derivation: try PassphraseDerivation(json: json))
        #expect(
            key.bytes.prefix(8) == [0xEB, 0x11, 0xD4, 0x78, 0x43, 0x68, 0x96, 0x41])
    }

    @Test func mautrixEncryptsTheSame() throws {
        let key = try #require(SecretStorageKey(bytes: Array(0..<32)))
        let content = key.encrypt("c2VjcmV0IGJ5dGVz", name: "m.cross_signing.master", keyID: "key1", random: random)
        #expect(
            content == [
                "encrypted": [
                    "key1": [
                        "ciphertext": "eKDysGRQF1kyNMbF//boBw", "iv": "AwoRGB8mLTQ7QklQV15lbA",
                        "mac": "kPE0QLougdjiWLcOV4HJvrgmCyNpN/qSxe3FGOn3t+Q",
                    ]
                ]
            ])
        #expect(try key.decrypt(content, name: "m.cross_signing.master", keyID: "key1") == "c2VjcmV0IGJ5dGVz")
        let described = try SecretStorageKeyDescription(
            keyID: "key1",
            json: [
                "algorithm": "m.secret_storage.v1.aes-hmac-sha2", "iv": "AAECAwQFBgcICQoLDA0ODw",
                "mac": "ONrOSgDDUXMzIvXsfYBi1m8m075MdjPldfXCxIpU7IY",
            ])
        #expect(described.verdict(on: key) == .right)
    }

    @Test func theVersionForAnotherKeyStays() throws {
        let key = SecretStorageKey(random: random)
        let content = key.encrypt("x", name: "m.cross_signing.master", keyID: "new", addingTo: master, random: random)
        #expect(content["encrypted"]?.objectValue?.count == 2)
        let old = try SecretStorageKey(recoveryKey: recoveryKey)
        #expect(try old.decrypt(content, name: "m.cross_signing.master", keyID: keyID).count == 44)
    }

    @Test func aNewKeyIsDescribedAndFoundAgain() throws {
        var generator = SeededGenerator(seed: 5)
        let bytes = (0..<1000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let random = RandomSource { Array(bytes.prefix($0)) }
        let derivation = PassphraseDerivation(random: random, rounds: 1000)
        let key = SecretStorageKey(passphrase: "열려라 참깨", derivation: derivation)
        let description = SecretStorageKeyDescription(of: key, name: "Naru", passphrase: derivation, random: random)
        let read = try SecretStorageKeyDescription(keyID: description.keyID, json: description.json)
        #expect(read == description)
        #expect(read.eventType == "m.secret_storage.key." + description.keyID)
        #expect(try read.key(from: "열려라 참깨").bytes == key.bytes)
        #expect(try read.key(from: key.recoveryKey).bytes == key.bytes)
        #expect(read.verdict(on: SecretStorageKey(bytes: Array(1...32))!) == .wrong)
        #expect(SecretStorageKeyDescription.defaultKeyID(in: read.defaultKeyContent) == description.keyID)
        // Bit 63 of the vector.
        let iv = try #require(read.json["iv"]?.stringValue)
        #expect(!iv.isEmpty)
    }

    @Test(arguments: [999, 10_000_001, -1, Int64.max >> 11])
    func roundsHaveBounds(rounds: Int64) {
        var json = description
        json["passphrase"] = ["algorithm": "m.pbkdf2", "iterations": .integer(rounds), "salt": "s"]
        #expect(throws: SecretStorageError.roundsOutOfBounds) {
            try SecretStorageKeyDescription(keyID: keyID, json: json)
        }
    }

    @Test func withoutACheckTheVerdictIsOpen() throws {
        var json = description
        json["iv"] = nil
        json["mac"] = nil
        let described = try SecretStorageKeyDescription(keyID: keyID, json: json)
        #expect(described.verdict(on: SecretStorageKey(random: random)) == .unknown)
        json["iv"] = "AAAA"
        #expect(throws: SecretStorageError.malformed) { try SecretStorageKeyDescription(keyID: keyID, json: json) }
        json["algorithm"] = "m.secret_storage.v2"
        #expect(throws: SecretStorageError.unsupportedAlgorithm) {
            try SecretStorageKeyDescription(keyID: keyID, json: json)
        }
        json = ["algorithm": "m.secret_storage.v1.aes-hmac-sha2"]
        let plain = try SecretStorageKeyDescription(keyID: keyID, json: json)
        #expect(throws: SecretStorageError.noPassphrase) { try plain.key(from: "hmm") }
    }

    @Test(arguments: ["iv", "ciphertext", "mac"])
    func everyByteCounts(member: String) throws {
        let key = SecretStorageKey(random: random)
        let content = key.encrypt("a secret", name: "n", keyID: "k", random: random)
        var entry = try #require(content["encrypted"]?.objectValue?["k"]?.objectValue)
        let text = try #require(entry[member]?.stringValue)
        entry[member] = .string((text.first == "A" ? "B" : "A") + text.dropFirst())
        let changed: JSONObject = ["encrypted": ["k": .object(entry)]]
        if member == "iv" {
            // The vector is not authenticated: a changed one gives other text, never the secret.
            let text = try? key.decrypt(changed, name: "n", keyID: "k")
            #expect(text != "a secret")
        } else {
            #expect(throws: SecretStorageError.authenticationFailed) {
                try key.decrypt(changed, name: "n", keyID: "k")
            }
        }
        entry[member] = nil
        #expect(throws: SecretStorageError.malformed) {
            try key.decrypt(["encrypted": ["k": .object(entry)]], name: "n", keyID: "k")
        }
    }
}
