import CanonicalJSON
import CrossSigning
import Primitives
import Testing
import UnpaddedBase64

struct CrossSigningTests {
    private let devicePair = Ed25519KeyPair(seed: [UInt8](repeating: 9, count: 32))!
    private let alice: CrossSigningSecrets
    private let bob: CrossSigningSecrets

    init() {
        alice = CrossSigningSecrets(random: Self.random(1))
        bob = CrossSigningSecrets(random: Self.random(100))
    }

    /// Other bytes at each call.
    private static func random(_ first: UInt8) -> RandomSource {
        final class Counter: @unchecked Sendable { var value: UInt8 = 0 }
        let counter = Counter()
        return RandomSource { count in
            counter.value += 1
            return [UInt8](repeating: first &+ counter.value, count: count)
        }
    }

    private func identity(_ secrets: CrossSigningSecrets, _ userID: String) -> CrossSigningIdentity {
        secrets.identity(userID: userID) { json in
            var json = json
            SignedJSON.sign(&json, userID: userID, keyID: "ed25519:DEVICE", with: devicePair)
            return json
        }!
    }

    @Test func newKeysHoldTogether() throws {
        let made = identity(alice, "@alice:x")
        let body = made.uploadBody
        let read = try CrossSigningIdentity(
            userID: "@alice:x", masterKey: body["master_key"]!.objectValue!,
            selfSigningKey: body["self_signing_key"]!.objectValue!,
            userSigningKey: body["user_signing_key"]!.objectValue!)
        #expect(read == made)
        #expect(
            SignedJSON.isSigned(
                read.master.json, userID: "@alice:x", keyID: "ed25519:DEVICE", by: devicePair.publicKey))
        #expect(Set([read.master.key, read.selfSigning.key, read.userSigning!.key]).count == 3)
    }

    @Test func keysThatDoNotHoldTogetherAreRefused() {
        let ours = identity(alice, "@alice:x").uploadBody
        let theirs = identity(bob, "@alice:x").uploadBody
        func key(_ body: JSONObject, _ name: String) -> JSONObject { body[name]!.objectValue! }
        // A server that puts its own self-signing key under our master key.
        #expect(throws: CrossSigningError.notSignedByMaster) {
            try CrossSigningIdentity(
                userID: "@alice:x", masterKey: key(ours, "master_key"), selfSigningKey: key(theirs, "self_signing_key"))
        }
        #expect(throws: CrossSigningError.notSignedByMaster) {
            try CrossSigningIdentity(
                userID: "@alice:x", masterKey: key(ours, "master_key"), selfSigningKey: key(ours, "self_signing_key"),
                userSigningKey: key(theirs, "user_signing_key"))
        }
        #expect(throws: CrossSigningError.malformedKey) {
            try CrossSigningIdentity(
                userID: "@bob:x", masterKey: key(ours, "master_key"), selfSigningKey: key(ours, "self_signing_key"))
        }
        // The user-signing key in the self-signing key's place.
        #expect(throws: CrossSigningError.malformedKey) {
            try CrossSigningIdentity(
                userID: "@alice:x", masterKey: key(ours, "master_key"), selfSigningKey: key(ours, "user_signing_key"))
        }
    }

    @Test func malformedKeysAreRefused() {
        let good = identity(alice, "@alice:x").master
        func refused(_ change: (inout JSONObject) -> Void) -> Bool {
            var json = good.json
            change(&json)
            return (try? CrossSigningKey(json, userID: "@alice:x", usage: .master)) == nil
        }
        let other = bob.master!.publicKey.base64
        #expect(!refused { _ in })
        #expect(refused { $0["keys"] = [:] })
        #expect(refused { $0["keys"] = nil })
        #expect(refused { $0["user_id"] = "@bob:x" })
        #expect(refused { $0["usage"] = ["self_signing"] })
        #expect(refused { $0["keys"] = .object(["ed25519:A": .string(good.key.base64)]) })
        #expect(refused { $0["keys"] = .object(JSONObject(members: [(good.keyID, .string(other))])) })
        #expect(
            refused {
                $0["keys"] = .object(
                    JSONObject(members: [
                        (good.keyID, .string(good.key.base64)), ("ed25519:" + other, .string(other)),
                    ]))
            })
    }

    @Test func aDeviceIsSignedByItsOwner() throws {
        let ours = identity(alice, "@alice:x")
        let device: JSONObject = [
            "user_id": "@alice:x", "device_id": "D2", "keys": ["ed25519:D2": .string(devicePair.publicKey.base64)],
            "unsigned": ["device_display_name": "phone"],
        ]
        #expect(!ours.hasSigned(deviceKeys: device))
        let signed = try #require(alice.signed(deviceKeys: device, userID: "@alice:x"))
        #expect(ours.hasSigned(deviceKeys: signed))
        #expect(!identity(bob, "@alice:x").hasSigned(deviceKeys: signed))
        var stolen = signed
        stolen["user_id"] = "@bob:x"
        #expect(!ours.hasSigned(deviceKeys: stolen))
        #expect(CrossSigningSecrets().signed(deviceKeys: device, userID: "@alice:x") == nil)
    }

    @Test func aUserIsVerifiedByASignature() throws {
        let ours = identity(alice, "@alice:x")
        let theirs = identity(bob, "@bob:x")
        #expect(!ours.hasVerified(theirs))
        let signed = try #require(alice.signed(masterKeyOf: theirs, userID: "@alice:x"))
        let seen = try CrossSigningIdentity(
            userID: "@bob:x", masterKey: signed.json, selfSigningKey: theirs.selfSigning.json)
        #expect(ours.hasVerified(seen))
        // Somebody else's signature under our name and key ID says nothing.
        let forged = try #require(bob.signed(masterKeyOf: theirs, userID: "@alice:x"))
        #expect(
            !ours.hasVerified(
                try CrossSigningIdentity(
                    userID: "@bob:x", masterKey: forged.json, selfSigningKey: theirs.selfSigning.json)))
    }

    @Test func secretsAreTakenOnlyWhenTheyFit() throws {
        let ours = identity(alice, "@alice:x")
        var other = CrossSigningSecrets()
        for (usage, _) in CrossSigningSecrets.names {
            let secret = try #require(alice.secret(for: usage))
            try other.take(secret, for: usage, of: ours)
        }
        #expect(other.isComplete)
        var wrong = CrossSigningSecrets()
        #expect(throws: CrossSigningError.secretDoesNotMatch) {
            try wrong.take(bob.secret(for: .master)!, for: .master, of: ours)
        }
        #expect(throws: CrossSigningError.secretDoesNotMatch) {
            try wrong.take(alice.secret(for: .selfSigning)!, for: .master, of: ours)
        }
        #expect(throws: CrossSigningError.secretDoesNotMatch) { try wrong.take("", for: .master, of: ours) }
        #expect(wrong.isEmpty)
        other.keepOnly(those: identity(bob, "@alice:x"))
        #expect(other.isEmpty)
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#key-and-signature-security
    @Test func aDeviceNamedLikeAKeyIsNoticed() {
        let ours = identity(alice, "@alice:x")
        #expect(!ours.collides(withDeviceIDs: ["D1", "D2"]))
        #expect(ours.collides(withDeviceIDs: ["D1", ours.master.key.base64]))
        #expect(ours.collides(withDeviceIDs: [ours.selfSigning.key.base64]))
    }
}
