import CanonicalJSON
import Crypto
import Foundation
import Homeserver
import MatrixAPI
import MatrixClientAPI
import ServerEnvironment

struct VoIPRoutes: Routes {
    /// Nil: calls go without a relay.
    let turn: TURNConfiguration?
    let environment: ServerEnvironment

    func register(on table: inout RouteTable) {
        table.on(.getTurnServer, use: getTurnServer)
    }

    /// A password that the relay can check without asking us: it is made of the time until which it is good.
    ///
    /// https://datatracker.ietf.org/doc/html/draft-uberti-behave-turn-rest-00
    private func getTurnServer(_ call: Call) -> Reply {
        guard let turn else { return .empty }
        let username = "\(environment.timestamp / 1000 + turn.lifetimeSeconds):\(call.userID)"
        // The relays' protocol says SHA-1, whose collisions do not weaken a keyed hash.
        let code = HMAC<Insecure.SHA1>.authenticationCode(
            for: Array(username.utf8), using: SymmetricKey(data: Array(turn.sharedSecret.utf8)))
        return .json([
            "username": .string(username), "password": .string(Data(code).base64EncodedString()),
            "uris": .array(turn.uris.map { .string($0) }), "ttl": .integer(turn.lifetimeSeconds),
        ])
    }
}
