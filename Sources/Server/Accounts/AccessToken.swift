import Crypto
import ServerEnvironment
import UnpaddedBase64

/// Opaque tokens: 256 random bits. Only their SHA-256 is kept, so that the database gives nobody a session.
enum AccessToken {
    enum Kind: String {
        case access = "naru_a_"
        case refresh = "naru_r_"
    }

    static func make(_ kind: Kind, environment: ServerEnvironment) -> String {
        kind.rawValue + UnpaddedBase64.encode(environment.randomBytes(32), alphabet: .urlSafe)
    }

    static func hash(_ token: String) -> [UInt8] { Array(SHA256.hash(data: Array(token.utf8))) }
}
