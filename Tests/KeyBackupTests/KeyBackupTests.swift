import CanonicalJSON
import CrossSigning
import KeyBackup
import Primitives
import Testing
import UnpaddedBase64

struct KeyBackupTests {
    private let key = BackupDecryptionKey(bytes: Array(0..<32))!
    private let random = RandomSource { count in (0..<count).map { UInt8(truncatingIfNeeded: $0 + 100) } }
    private let devicePair = Ed25519KeyPair(seed: [UInt8](repeating: 9, count: 32))!
    private let master = Ed25519KeyPair(seed: [UInt8](repeating: 8, count: 32))!

    /// A session key that begins at message 7.
    private var session: JSONObject {
        [
            "algorithm": "m.megolm.v1.aes-sha2", "room_id": "!r:x", "session_id": "sid", "sender_key": "abc",
            "sender_claimed_keys": ["ed25519": "def"], "forwarding_curve25519_key_chain": ["one", "two"],
            "session_key": .string(UnpaddedBase64.encode([1, 0, 0, 0, 7] + [UInt8](repeating: 3, count: 160))),
        ]
    }

    /// `python-olm` 3.2.16 with these keys.
    @Test func libolmEncryptsTheSame() throws {
        #expect(key.encryptionKey.publicKey.base64 == "j0DFrbaPJWJK5bIU6nZ6bslNgp09e14a0bpvPiE4KF8")
        let sealed = try key.encryptionKey.encrypt(Array(#"{"algorithm":"m.megolm.v1.aes-sha2"}"#.utf8), random: random)
        #expect(
            sealed == [
                "ephemeral": "fZwkMWU5glwYluV/KBl3Rnk85gy+461H2p0HuF+lXio", "mac": "eGhltHhPINU",
                "ciphertext": "G4o/OXDiK8phpGXPgZg9L31+30y58F6rMlNkHTKIv4NGA64QJDPzhonr+OOx1oBw",
            ])
    }

    /// `vodozemac` 0.10.0 for our key.
    @Test func vodozemacIsRead() throws {
        let sealed: JSONObject = [
            "ephemeral": "UgWas6AJJnSYqgwPd5tDjbiB+26/Udi/hkF/IbilzCQ", "mac": "awGXCJdF1c4",
            "ciphertext": "mHTp+7BrvgPtu0DOas+Z6Mqm4PyvnVz+CrDKq3Bdq24",
        ]
        #expect(String(decoding: try key.decrypt(sealed), as: UTF8.self) == #"{"room":"안녕"}"#)
        let other = BackupDecryptionKey(bytes: Array(1...32))!
        #expect(throws: KeyBackupError.undecryptable) { try other.decrypt(sealed) }
        for (member, value) in [("mac", "AAAAAAAAAAA"), ("ciphertext", "AAAA"), ("ciphertext", "")] {
            var changed = sealed
            changed[member] = .string(value)
            #expect(throws: KeyBackupError.undecryptable) { try key.decrypt(changed) }
        }
        for member in ["mac", "ciphertext", "ephemeral"] {
            var changed = sealed
            changed[member] = "!"
            #expect(throws: KeyBackupError.malformed) { try key.decrypt(changed) }
        }
        var small = sealed
        small["ephemeral"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        #expect(throws: KeyBackupError.undecryptable) { try key.decrypt(small) }
    }

    @Test func aSessionGoesIntoTheBackupAndComesOut() throws {
        let backed = try BackedUpSession(session, isVerified: true, for: key.encryptionKey, random: random)
        #expect(backed.json["first_message_index"] == 7)
        #expect(backed.json["forwarded_count"] == 2)
        #expect(backed.json["is_verified"] == true)
        let body = BackedUpSession.uploadBody([backed])
        var restored = BackedUpSession.decryptAll(body, with: key)
        #expect(restored.sessions == [session])
        #expect(restored.unreadable == 0)
        let room = try #require(body["rooms"]?.objectValue?["!r:x"]?.objectValue)
        restored = BackedUpSession.decryptAll(room, roomID: "!r:x", with: key)
        #expect(restored.sessions == [session])
    }

    @Test func whatCannotBeReadIsCountedAndTheRestIsRestored() throws {
        let good = try BackedUpSession(session, isVerified: false, for: key.encryptionKey, random: random)
        let answer: JSONObject = [
            "rooms": [
                "!r:x": [
                    "sessions": ["sid": .object(good.json), "bad": 1, "empty": [:], "other": ["session_data": [:]]]
                ],
                "!s:x": 5,
            ]
        ]
        let restored = BackedUpSession.decryptAll(answer, with: key)
        #expect(restored.sessions.count == 1)
        #expect(restored.unreadable == 3)
    }

    /// The server cannot move a session to another room: the address is what was asked for, not what is inside.
    @Test func theAddressIsTheServers() throws {
        let good = try BackedUpSession(session, isVerified: false, for: key.encryptionKey, random: random)
        let read = try BackedUpSession.decrypt(good.json, roomID: "!other:x", sessionID: "s2", with: key)
        #expect(read["room_id"] == "!other:x")
        #expect(read["session_id"] == "s2")
    }

    @Test(arguments: ["room_id", "session_id", "session_key"])
    func sessionsThatLackSomethingAreRefused(member: String) {
        var session = session
        session[member] = nil
        #expect(throws: KeyBackupError.malformed) {
            try BackedUpSession(session, isVerified: true, for: key.encryptionKey, random: random)
        }
        session[member] = "AAAA"
        if member == "session_key" {
            #expect(throws: KeyBackupError.malformed) {
                try BackedUpSession(session, isVerified: true, for: key.encryptionKey, random: random)
            }
        }
    }

    private func version(_ authData: JSONObject) throws -> BackupVersion {
        try BackupVersion(json: [
            "version": "1", "algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": .object(authData),
            "count": 0, "etag": "0",
        ])
    }

    @Test func aBackupIsTrustedForAReason() throws {
        let body = BackupVersion.creationBody(
            for: key.encryptionKey, userID: "@a:x", master: master,
            signedByDevice: { json in
                var json = json
                SignedJSON.sign(&json, userID: "@a:x", keyID: "ed25519:D", with: devicePair)
                return json
            })
        let authData = try #require(body["auth_data"]?.objectValue)
        let backup = try version(authData)
        func trust(
            master: Ed25519Key? = nil, devices: [(deviceID: String, key: Ed25519Key)] = [],
            key: BackupDecryptionKey? = nil, of backup: BackupVersion
        ) -> BackupTrust {
            backup.trust(userID: "@a:x", master: master, devices: devices, decryptionKey: key)
        }
        #expect(trust(of: backup) == .none)
        #expect(trust(key: key, of: backup) == .privateKeyKnown)
        #expect(trust(master: master.publicKey, of: backup) == .signedByMaster)
        #expect(trust(devices: [("D", devicePair.publicKey)], of: backup) == .signedByDevice("D"))
        #expect(trust(devices: [("E", devicePair.publicKey)], of: backup) == .none)
        #expect(trust(master: devicePair.publicKey, of: backup) == .none)
        #expect(!trust(of: backup).allowsWriting)
        // The server's own key under our signatures.
        var swapped = authData
        let evil = BackupDecryptionKey(bytes: Array(1...32))!
        swapped["public_key"] = .string(evil.encryptionKey.publicKey.base64)
        let made = try version(swapped)
        #expect(
            trust(
                master: master.publicKey, devices: [("D", devicePair.publicKey)], key: key, of: made) == .none)
        #expect(!made.belongs(to: key))
    }

    @Test func otherBackupsAreRefused() {
        let good: JSONObject = [
            "version": "1", "algorithm": "m.megolm_backup.v1.curve25519-aes-sha2",
            "auth_data": ["public_key": "j0DFrbaPJWJK5bIU6nZ6bslNgp09e14a0bpvPiE4KF8"],
        ]
        #expect((try? BackupVersion(json: good)) != nil)
        for (member, value) in [
            ("version", nil), ("algorithm", nil), ("auth_data", nil), ("auth_data", ["public_key": "AAAA"]),
        ] as [(String, JSONValue?)] {
            var json = good
            json[member] = value
            #expect(throws: KeyBackupError.malformed) { try BackupVersion(json: json) }
        }
        var other = good
        other["algorithm"] = "m.megolm_backup.v2"
        #expect(throws: KeyBackupError.unsupportedAlgorithm) { try BackupVersion(json: other) }
    }

    @Test func keysHaveTwoForms() throws {
        #expect(BackupDecryptionKey(base64: key.base64)?.bytes == key.bytes)
        #expect(try BackupDecryptionKey(recoveryKey: key.recoveryKey).bytes == key.bytes)
        #expect(BackupDecryptionKey(base64: "AAAA") == nil)
    }
}
