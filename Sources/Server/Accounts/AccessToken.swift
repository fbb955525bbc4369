import Crypto
import ServerEnvironment
import UnpaddedBase64

/// Opaque tokens: 256 random bits. Only their SHA-256 is kept, so that the database gives nobody a session.
package enum AccessToken {
    enum Kind: String {
        case access = "naru_a_"
        case refresh = "naru_r_"
    }

    static func make(_ kind: Kind, environment: ServerEnvironment) -> String {
        kind.rawValue + UnpaddedBase64.encode(environment.randomBytes(32), alphabet: .urlSafe)
    }

    /// For what is used once or for a while, such as codes; the name says nothing of what it opens.
    static func makeSecret(environment: ServerEnvironment) -> String {
        UnpaddedBase64.encode(environment.randomBytes(32), alphabet: .urlSafe)
    }

    /// Compares secrets in constant time.
    package static func areEqual(_ first: String, _ second: String) -> Bool {
        SHA256.hash(data: Array(first.utf8)) == SHA256.hash(data: Array(second.utf8))
    }

    package static func hash(_ token: String) -> [UInt8] { Array(SHA256.hash(data: Array(token.utf8))) }
}
