import CanonicalJSON
import MatrixIdentifiers

/// Who is signed in, and with what.
struct Credentials: Sendable {
    let userID: UserID
    let deviceID: String
    let homeserver: String
    var accessToken: String
    var refreshToken: String?
    /// Milliseconds since 1970; nil when the token does not end by itself.
    var expiry: Int64?
    var isSignedOut = false

    static let key = StoreKey(.session, name: "credentials")

    var json: JSONObject {
        var json: JSONObject = [
            "user_id": .string(userID.string), "device_id": .string(deviceID), "homeserver": .string(homeserver),
            "access_token": .string(accessToken), "signed_out": .bool(isSignedOut),
        ]
        if let refreshToken { json["refresh_token"] = .string(refreshToken) }
        if let expiry { json["expiry"] = .integer(expiry) }
        return json
    }

    /// Nil when the record is not one that ``json`` wrote.
    init?(json: JSONObject) {
        guard let userID = json["user_id"]?.stringValue.flatMap(UserID.init),
            let deviceID = json["device_id"]?.stringValue, let homeserver = json["homeserver"]?.stringValue,
            let accessToken = json["access_token"]?.stringValue
        else { return nil }
        self.userID = userID
        self.deviceID = deviceID
        self.homeserver = homeserver
        self.accessToken = accessToken
        refreshToken = json["refresh_token"]?.stringValue
        expiry = json["expiry"]?.integerValue
        isSignedOut = json["signed_out"]?.boolValue ?? false
    }

    /// From the answer to a sign-in or to a registration.
    init?(answer: JSONObject, homeserver: String, now: Int64) {
        guard let userID = answer["user_id"]?.stringValue.flatMap(UserID.init),
            let deviceID = answer["device_id"]?.stringValue
        else { return nil }
        self.userID = userID
        self.deviceID = deviceID
        self.homeserver = homeserver
        accessToken = ""
        guard takeTokens(from: answer, now: now) else { return nil }
    }

    /// - Returns: false when the answer has no access token.
    mutating func takeTokens(from answer: JSONObject, now: Int64) -> Bool {
        guard let token = answer["access_token"]?.stringValue else { return false }
        accessToken = token
        if let refreshToken = answer["refresh_token"]?.stringValue { self.refreshToken = refreshToken }
        expiry = answer["expires_in_ms"]?.integerValue.map { now + max(0, $0) }
        isSignedOut = false
        return true
    }
}
