import CanonicalJSON

extension AccountService.Credentials {
    /// What sign-up and sign-in answer.
    package var json: JSONObject {
        var json = tokensJSON
        json["user_id"] = .string(userID.string)
        json["home_server"] = .string(userID.serverName.string)
        json["device_id"] = .string(deviceID)
        return json
    }

    package var tokensJSON: JSONObject {
        var json: JSONObject = ["access_token": .string(accessToken)]
        json["refresh_token"] = refreshToken.map { .string($0) }
        json["expires_in_ms"] = expiresIn.map { .integer($0) }
        return json
    }
}
