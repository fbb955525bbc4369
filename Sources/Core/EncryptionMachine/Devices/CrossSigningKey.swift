import CanonicalJSON
import Primitives

/// One public cross-signing key, as `/keys/query` gives it.
///
/// https://spec.matrix.org/v1.19/client-server-api/#cross-signing
struct PublicCrossSigningKey {
    enum Usage {
        case master
        case selfSigning
        case userSigning

        var name: String {
            switch self {
            case .master: "master"
            case .selfSigning: "self_signing"
            case .userSigning: "user_signing"
            }
        }
    }

    /// Unpadded base64.
    let name: String
    let key: Ed25519Key
    let json: JSONObject

    private static let maximumBytes = 32_768

    init?(_ json: JSONObject?, usage: Usage, userID: String) {
        guard let json, let user = json.string("user_id"), utf8Equal(user, userID),
            json["usage"]?.arrayValue?.contains(where: { $0.stringValue.map { utf8Equal($0, usage.name) } ?? false })
                ?? false,
            let keys = json.object("keys"), keys.count == 1, let member = keys.members.first,
            let text = member.value.stringValue, let key = Ed25519Key(base64: text),
            utf8Equal(member.key, "ed25519:" + key.base64)
        else { return nil }
        var bare = json
        bare["unsigned"] = nil
        guard bare.bytes().count <= Self.maximumBytes else { return nil }
        name = key.base64
        self.key = key
        self.json = bare
    }

    func hasSigned(_ object: JSONObject, of user: String) -> Bool {
        SignedJSON.isSigned(object, by: user, keyName: name, key: key)
    }
}
