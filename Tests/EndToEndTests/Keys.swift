import CanonicalJSON
import HTTPServing
import MatrixIdentifiers
import Rules
import ServerUnderTest
import UnpaddedBase64

/// An answer of the API.
struct Answer {
    let status: Int
    let json: JSONObject

    var code: String? { json["errcode"]?.stringValue }
}

extension TestServer {
    /// - Parameter path: below `/_matrix/client/v3`, with the query, unless it begins with `/`.
    @discardableResult
    func call(_ method: String, _ path: String, as user: TestUser, _ body: JSONObject? = nil) async -> Answer {
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        let prefix = path.hasPrefix("/") ? "" : "/_matrix/client/v3/"
        let response = await api.respond(
            to: HTTPRequest(
                method: method, path: prefix + parts[0], query: parts.count > 1 ? parts[1] : "",
                headers: [("Authorization", "Bearer \(user.accessToken)")], body: body?.bytes() ?? []))
        return Answer(status: response.status, json: (try? JSONObject(parsing: response.body)) ?? [:])
    }
}

/// The keys of a device, as a client makes them.
struct TestKeys {
    let userID: UserID
    let deviceID: String
    let signingKey = SigningKey.generate(version: "1")

    init(userID: UserID, deviceID: String) {
        self.userID = userID
        self.deviceID = deviceID
    }

    init(user: TestUser) { self.init(userID: user.userID, deviceID: user.deviceID) }

    var publicKey: String { UnpaddedBase64.encode(signingKey.publicKey) }

    func deviceKeys(algorithms: JSONValue = ["m.megolm.v1.aes-sha2"]) -> JSONObject {
        [
            "user_id": .string(userID.string), "device_id": .string(deviceID), "algorithms": algorithms,
            "keys": .object(
                JSONObject(members: [
                    ("ed25519:\(deviceID)", .string(publicKey)),
                    ("curve25519:\(deviceID)", "3C5BFWi2Y8MaVvjM8M22DBmh24PmgR0nPvJOIArzgyI"),
                ])),
            "signatures": [:],
        ]
    }

    /// One-time keys named by numbers.
    static func oneTimeKeys(_ numbers: ClosedRange<Int>, salt: String = "") -> JSONObject {
        JSONObject(
            members: numbers.map { number in
                ("signed_curve25519:K\(number)", ["key": .string("key\(number)\(salt)"), "signatures": [:]])
            })
    }

    static func fallbackKey(_ name: String) -> JSONObject {
        JSONObject(members: [
            ("signed_curve25519:\(name)", ["fallback": true, "key": .string(name), "signatures": [:]])
        ])
    }
}

/// A user's cross-signing keys, as a client makes them.
struct TestCrossSigning {
    let userID: UserID
    let master = SigningKey.generate(version: "m")
    let selfSigning = SigningKey.generate(version: "s")
    let userSigning = SigningKey.generate(version: "u")

    static func name(_ key: SigningKey) -> String { UnpaddedBase64.encode(key.publicKey) }

    func json(_ key: SigningKey, usage: String, signedBy signer: SigningKey? = nil) -> JSONObject {
        let name = Self.name(key)
        let json: JSONObject = [
            "user_id": .string(userID.string), "usage": [.string(usage)],
            "keys": .object(JSONObject(members: [("ed25519:\(name)", .string(name))])),
        ]
        return signer.map { sign(json, with: $0, userID: userID) } ?? json
    }

    var masterJSON: JSONObject { json(master, usage: "master") }

    var upload: JSONObject {
        [
            "master_key": .object(masterJSON),
            "self_signing_key": .object(json(selfSigning, usage: "self_signing", signedBy: master)),
            "user_signing_key": .object(json(userSigning, usage: "user_signing", signedBy: master)),
        ]
    }
}

/// The object with a signature by a user's key.
func sign(_ object: JSONObject, with key: SigningKey, userID: UserID, name: String? = nil) -> JSONObject {
    var covered = object
    covered["signatures"] = nil
    covered["unsigned"] = nil
    let bytes = (try? covered.canonicalBytes()) ?? []
    let keyID = "ed25519:\(name ?? UnpaddedBase64.encode(key.publicKey))"
    var signed = object
    var signatures = object["signatures"]?.objectValue ?? [:]
    var ofUser = signatures[userID.string]?.objectValue ?? [:]
    ofUser[keyID] = .string(UnpaddedBase64.encode(key.signature(for: bytes)))
    signatures[userID.string] = .object(ofUser)
    signed["signatures"] = .object(signatures)
    return signed
}

extension JSONObject {
    /// What a path of keys leads to.
    func at(_ path: String...) -> JSONValue? {
        path.reduce(JSONValue?.some(.object(self))) { value, key in value?.objectValue?[key] }
    }
}
