import CanonicalJSON
import UnpaddedBase64

/// The signature by which an identity server vouches that a user owns the invited address.
///
/// https://spec.matrix.org/v1.19/server-server-api/#verifying-the-invite
enum ThirdPartyInviteSignature {
    /// The most signatures and the most keys that are tried: each try is work that a stranger asks for.
    private static let maximumCount = 16

    /// - Parameters:
    ///   - signed: `third_party_invite.signed` of the membership event.
    ///   - content: of the `m.room.third_party_invite` event, which holds the public keys.
    static func holds(for signed: JSONObject, announcedBy content: JSONObject) -> Bool {
        let bytes: [UInt8]
        do throws(JSONError) {
            bytes = try JSONSigning.signedBytes(of: signed)
        } catch {
            return false
        }
        let keys = verifyKeys(of: content)
        return signatures(of: signed).contains { signature in
            keys.contains { $0.isValid(signature: signature, for: bytes) }
        }
    }

    private static func signatures(of signed: JSONObject) -> [[UInt8]] {
        var signatures: [[UInt8]] = []
        for server in signed["signatures"]?.objectValue?.members ?? [] {
            for (keyID, value) in (server.value.objectValue?.members ?? []).map({ ($0.key, $0.value) })
            where keyID.utf8.starts(with: "ed25519:".utf8) {
                if let signature = value.stringValue.flatMap({ decode($0) }) { signatures.append(signature) }
            }
        }
        return Array(signatures.prefix(maximumCount))
    }

    private static func verifyKeys(of content: JSONObject) -> [VerifyKey] {
        let single = [content["public_key"]]
        let list = (content["public_keys"]?.arrayValue ?? []).map { $0.objectValue?["public_key"] }
        return (single + list).prefix(maximumCount).compactMap { key in
            key?.stringValue.flatMap { decode($0) }.flatMap(VerifyKey.init)
        }
    }

    /// Identity servers have published keys in either alphabet.
    private static func decode(_ text: String) -> [UInt8]? {
        UnpaddedBase64.decode(text) ?? UnpaddedBase64.decode(text, alphabet: .urlSafe)
    }
}
