import CanonicalJSON
import CrossSigning
import EncryptionMachine
import Primitives

/// A user's cross-signing keys, held by the test in the user's place.
struct TestIdentity {
    let user: String
    let master: Ed25519KeyPair
    let selfSigning: Ed25519KeyPair
    let userSigning: Ed25519KeyPair

    init(_ user: String, _ random: RandomSource) {
        self.user = user
        master = Ed25519KeyPair(random: random)
        selfSigning = Ed25519KeyPair(random: random)
        userSigning = Ed25519KeyPair(random: random)
    }

    private func key(_ pair: Ed25519KeyPair, _ usage: String, signedBy signer: Ed25519KeyPair?) -> JSONObject {
        let name = "ed25519:" + pair.publicKey.base64
        var json: JSONObject = [
            "user_id": .string(user), "usage": [.string(usage)],
            "keys": .object(JSONObject(members: [(name, .string(pair.publicKey.base64))])),
        ]
        if let signer {
            SignedJSON.sign(&json, userID: user, keyID: "ed25519:" + signer.publicKey.base64, with: signer)
        }
        return json
    }

    /// Uploads the keys, as a device of the user would.
    func publish(on server: FakeServer) {
        server.masterKeys[user] = key(master, "master", signedBy: nil)
        server.selfSigningKeys[user] = key(selfSigning, "self_signing", signedBy: master)
        server.userSigningKeys[user] = key(userSigning, "user_signing", signedBy: master)
        server.noteChange(of: user)
    }

    /// The self-signing key signs a device that is on the server.
    func sign(device: String, on server: FakeServer) {
        let name = FakeServer.DeviceName(user: user, device: device)
        guard var keys = server.deviceKeys[name] else { return }
        let keyID = "ed25519:" + selfSigning.publicKey.base64
        SignedJSON.sign(&keys, userID: user, keyID: keyID, with: selfSigning)
        server.deviceKeys[name] = keys
        server.noteChange(of: user)
    }

    /// The device says that the identity is its user's, as after a verification.
    func vouch(with host: Host, on server: FakeServer) {
        guard let master = server.masterKeys[user] else { return }
        server.masterKeys[user] = host.machine.signedByDevice(master)
        server.noteChange(of: user)
    }

    /// The user-signing key signs another user's master key, as after a verification.
    func verify(_ other: TestIdentity, on server: FakeServer) {
        guard var master = server.masterKeys[other.user] else { return }
        let keyID = "ed25519:" + userSigning.publicKey.base64
        SignedJSON.sign(&master, userID: user, keyID: keyID, with: userSigning)
        server.masterKeys[other.user] = master
        server.noteChange(of: other.user)
    }
}
