import CanonicalJSON
import Primitives
import ShortAuthenticationString

/// The part of a verification that compares a short string: from `start` to the codes over the keys.
///
/// https://spec.matrix.org/v1.19/client-server-api/#short-authentication-string-sas-verification
package struct SASExchange: Sendable {
    enum Phase: Sendable, Equatable {
        /// We sent `start`.
        case waitingForAccept
        /// Ours is sent, or will be as the answer to theirs.
        case waitingForKey
        /// Both see the string.
        case comparing
    }

    package let isStarter: Bool
    private(set) var phase: Phase
    /// The whole content of the `start` that counts, as it was sent.
    private let startContent: [UInt8]
    private let agreement: SASKeyAgreement
    private var commitment = ""
    private var derivation = SASDerivation.curve25519HKDF
    private var codeMethod = SASAuthenticationCode.hmacSHA256Version2
    /// Whether both can show emoji; numbers always work.
    private(set) var usesEmoji = false
    private var secret: SASSecret?
    private(set) var shortString: ShortString?

    // MARK: Starting

    /// What we offer.
    package static let startContent: JSONObject = [
        "method": .string(VerificationMethod.sas.name),
        "key_agreement_protocols": [.string(SASDerivation.curve25519HKDF.name)],
        "hashes": ["sha256"],
        "message_authentication_codes": [
            .string(SASAuthenticationCode.hmacSHA256Version2.name), .string(SASAuthenticationCode.hmacSHA256.name),
        ],
        "short_authentication_string": ["decimal", "emoji"],
    ]

    /// We send `start`.
    ///
    /// - Parameter content: all of it, as it is sent.
    init?(starting content: JSONObject, random: RandomSource) {
        guard let bytes = Self.canonical(content) else { return nil }
        isStarter = true
        phase = .waitingForAccept
        startContent = bytes
        agreement = SASKeyAgreement(random: random)
    }

    /// We have received `start` and answer with `accept`.
    ///
    /// - Throws: the code to cancel with.
    init(accepting content: JSONObject, random: RandomSource) throws(VerificationFailure) {
        guard let protocols = Self.names(content["key_agreement_protocols"]),
            let hashes = Self.names(content["hashes"]),
            let codes = Self.names(content["message_authentication_codes"]),
            let strings = Self.names(content["short_authentication_string"]),
            let bytes = Self.canonical(content)
        else { throw VerificationFailure(.invalidMessage) }
        func has(_ name: String, in names: [String]) -> Bool { names.contains { utf8Equal($0, name) } }
        guard has(SASDerivation.curve25519HKDF.name, in: protocols), has("sha256", in: hashes),
            has("decimal", in: strings)
        else { throw VerificationFailure(.unknownMethod) }
        if has(SASAuthenticationCode.hmacSHA256Version2.name, in: codes) {
            codeMethod = .hmacSHA256Version2
        } else if has(SASAuthenticationCode.hmacSHA256.name, in: codes) {
            codeMethod = .hmacSHA256
        } else {
            throw VerificationFailure(.unknownMethod)
        }
        isStarter = false
        phase = .waitingForKey
        startContent = bytes
        agreement = SASKeyAgreement(random: random)
        usesEmoji = has("emoji", in: strings)
    }

    private static func canonical(_ content: JSONObject) -> [UInt8]? {
        do throws(JSONError) { return try content.canonicalBytes() } catch { return nil }
    }

    private static func names(_ json: JSONValue?) -> [String]? {
        guard let values = json?.arrayValue, values.count <= 64 else { return nil }
        var names: [String] = []
        for value in values {
            guard let name = value.stringValue else { return nil }
            names.append(name)
        }
        return names
    }

    var acceptContent: JSONObject {
        [
            "method": .string(VerificationMethod.sas.name), "key_agreement_protocol": .string(derivation.name),
            "hash": "sha256", "message_authentication_code": .string(codeMethod.name),
            "short_authentication_string": usesEmoji ? ["decimal", "emoji"] : ["decimal"],
            "commitment": .string(SASCommitment.make(publicKey: agreement.publicKey, startContent: startContent)),
        ]
    }

    var keyContent: JSONObject { ["key": .string(agreement.publicKey)] }

    // MARK: The other's messages

    /// The other has accepted what we offered; now our key is sent.
    mutating func receiveAccept(_ content: JSONObject) throws(VerificationFailure) {
        guard isStarter, phase == .waitingForAccept else { throw VerificationFailure(.unexpectedMessage) }
        guard let derivation = content["key_agreement_protocol"]?.stringValue, let hash = content["hash"]?.stringValue,
            let code = content["message_authentication_code"]?.stringValue,
            let strings = Self.names(content["short_authentication_string"]),
            let commitment = content["commitment"]?.stringValue
        else { throw VerificationFailure(.invalidMessage) }
        guard utf8Equal(derivation, SASDerivation.curve25519HKDF.name), utf8Equal(hash, "sha256") else {
            throw VerificationFailure(.unknownMethod)
        }
        if utf8Equal(code, SASAuthenticationCode.hmacSHA256Version2.name) {
            codeMethod = .hmacSHA256Version2
        } else if utf8Equal(code, SASAuthenticationCode.hmacSHA256.name) {
            codeMethod = .hmacSHA256
        } else {
            throw VerificationFailure(.unknownMethod)
        }
        usesEmoji = strings.contains { utf8Equal($0, "emoji") }
        guard usesEmoji || strings.contains(where: { utf8Equal($0, "decimal") }) else {
            throw VerificationFailure(.unknownMethod)
        }
        self.commitment = commitment
        phase = .waitingForKey
    }

    /// The other's key has come; the string can be shown.
    mutating func receiveKey(
        _ content: JSONObject, me: VerificationParty, other: VerificationParty, flowID: String
    ) throws(VerificationFailure) {
        guard phase == .waitingForKey else { throw VerificationFailure(.unexpectedMessage) }
        guard let key = content["key"]?.stringValue else { throw VerificationFailure(.invalidMessage) }
        let mine = SASParty(userID: me.userID, deviceID: me.deviceID, publicKey: agreement.publicKey)
        let theirs = SASParty(userID: other.userID, deviceID: other.deviceID, publicKey: key)
        do throws(SASError) {
            if isStarter { try SASCommitment.check(commitment, publicKey: key, startContent: startContent) }
            let secret = try agreement.agree(with: key)
            self.secret = secret
            shortString = secret.shortString(
                starter: isStarter ? mine : theirs, accepter: isStarter ? theirs : mine, transactionID: flowID,
                derivation: derivation)
        } catch .mismatchedCommitment {
            throw VerificationFailure(.mismatchedCommitment)
        } catch {
            throw VerificationFailure(.invalidMessage)
        }
        phase = .comparing
    }

    // MARK: Codes over the keys

    /// Our `mac`: the device key, and the master key if we vouch for it.
    func macContent(me: VerificationParty, other: VerificationParty, flowID: String) -> JSONObject? {
        guard let secret else { return nil }
        var keys = [("ed25519:" + me.deviceID, me.deviceKey.base64)]
        if let masterKey = me.masterKey, me.trustsMasterKey {
            keys.append(("ed25519:" + masterKey.base64, masterKey.base64))
        }
        func code(_ text: String, _ keyID: String) -> JSONValue {
            .string(
                secret.authenticationCode(
                    of: text, keyID: keyID, sender: (me.userID, me.deviceID), receiver: (other.userID, other.deviceID),
                    transactionID: flowID, method: codeMethod))
        }
        var codes = JSONObject()
        for (keyID, key) in keys { codes[keyID] = code(key, keyID) }
        return ["mac": .object(codes), "keys": code(Self.keyList(codes), "KEY_IDS")]
    }

    /// The key IDs in the order of their bytes, joined by commas. An object's members are in that order.
    private static func keyList(_ codes: JSONObject) -> String {
        var list = ""
        for (index, member) in codes.members.enumerated() {
            if index > 0 { list += "," }
            list += member.key
        }
        return list
    }

    /// Checks the other's `mac` against the keys that we know.
    ///
    /// - Throws: `m.key_mismatch` when a code is wrong or vouches for no key that we know.
    func verifiedKeys(
        in content: JSONObject, me: VerificationParty, other: VerificationParty, flowID: String
    ) throws(VerificationFailure) -> VerifiedKeys {
        guard let codes = content["mac"]?.objectValue, codes.count <= 64, let list = content["keys"]?.stringValue,
            let secret
        else { throw VerificationFailure(.invalidMessage) }
        func isRight(_ code: String, _ text: String, _ keyID: String) -> Bool {
            let expected = secret.authenticationCode(
                of: text, keyID: keyID, sender: (other.userID, other.deviceID), receiver: (me.userID, me.deviceID),
                transactionID: flowID, method: codeMethod)
            return constantTimeEqual(Array(expected.utf8), Array(code.utf8))
        }
        guard isRight(list, Self.keyList(codes), "KEY_IDS") else { throw VerificationFailure(.keyMismatch) }
        var verified = VerifiedKeys(userID: other.userID, device: nil, masterKey: nil)
        for member in codes.members {
            guard let code = member.value.stringValue else { throw VerificationFailure(.invalidMessage) }
            // By the key, and not by what the server says it is called.
            if utf8Equal(member.key, "ed25519:" + other.deviceID) {
                guard isRight(code, other.deviceKey.base64, member.key) else {
                    throw VerificationFailure(.keyMismatch)
                }
                verified.device = (other.deviceID, other.deviceKey)
            } else if let masterKey = other.masterKey, utf8Equal(member.key, "ed25519:" + masterKey.base64) {
                guard isRight(code, masterKey.base64, member.key) else { throw VerificationFailure(.keyMismatch) }
                verified.masterKey = masterKey
            }
            // Keys that we do not know say nothing to us; that they are on the list is covered above.
        }
        guard verified.device != nil || verified.masterKey != nil else { throw VerificationFailure(.keyMismatch) }
        return verified
    }
}

/// Ends a verification with a code.
struct VerificationFailure: Error {
    let code: VerificationCancelCode

    init(_ code: VerificationCancelCode) { self.code = code }
}
