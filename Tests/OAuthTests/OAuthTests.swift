import CanonicalJSON
import OAuth
import Testing

/// https://spec.matrix.org/v1.19/client-server-api/#client-registration
@Suite struct OAuthClientTests {
    private func refusal(_ uri: String, _ type: String) -> OAuthError.Code? {
        do {
            _ = try OAuthClient([
                "client_uri": "https://example.com/", "application_type": .string(type),
                "redirect_uris": [.string(uri)],
            ])
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: [
        "https://example.com/callback", "https://app.example.com/callback", "https://example.com:5173/?query=value",
    ])
    func webClientsMayRedirectWithinTheirHost(_ uri: String) {
        #expect(refusal(uri, "web") == nil)
        #expect(refusal(uri, "native") == nil)
    }

    @Test(arguments: [
        "https://example.com/callback#fragment", "http://example.com/callback", "http://localhost/",
        "https://user:secret@example.com/", "https://notexample.com/", "https://example.com.evil.org/",
        "com.example:/x", "javascript:alert(1)", "https://example.com/\r\nSet-Cookie:x=1", "",
    ])
    func webClientsMayNotRedirectElsewhere(_ uri: String) {
        #expect(refusal(uri, "web") == .invalidRedirectURI)
    }

    @Test(arguments: [
        "com.example.app:/callback", "com.example:/", "com.example:callback", "http://localhost/callback",
        "http://127.0.0.1/callback", "http://[::1]/callback",
    ])
    func nativeClientsHaveSchemesAndLoopback(_ uri: String) {
        #expect(refusal(uri, "native") == nil)
    }

    @Test(arguments: [
        "example:/callback", "com.example.app://callback", "https://localhost/callback",
        "http://localhost:1234/callback", "com.exampleapp:/callback", "http://example.com/", "com.example:/#x",
    ])
    func nativeClientsMayNotRedirectElsewhere(_ uri: String) {
        #expect(refusal(uri, "native") == .invalidRedirectURI)
    }

    @Test func loopbackRedirectsMayHaveAnyPort() throws {
        let client = try OAuthClient([
            "client_uri": "https://example.com/", "application_type": "native",
            "redirect_uris": ["http://127.0.0.1/callback", "https://example.com/cb"],
        ])
        #expect(client.allowsRedirect(to: "http://127.0.0.1:51234/callback"))
        #expect(client.allowsRedirect(to: "http://127.0.0.1/callback"))
        #expect(!client.allowsRedirect(to: "http://127.0.0.1:51234/other"))
        #expect(!client.allowsRedirect(to: "http://localhost:51234/callback"))
        #expect(!client.allowsRedirect(to: "https://example.com:444/cb"))
        #expect(!client.allowsRedirect(to: "https://example.com/cb?x=1"))
    }

    @Test func theSameMetadataAreTheSameClientAndTheUnknownIsLeftOut() throws {
        let metadata: JSONObject = [
            "client_uri": "https://example.com/", "client_name": "App", "client_name#fr": "Appli",
            "redirect_uris": ["https://example.com/cb"], "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["authorization_code", "refresh_token", "password"], "response_types": ["code", "token"],
        ]
        let client = try OAuthClient(metadata)
        #expect(try OAuthClient(client.metadata).clientID == client.clientID)
        #expect(client.metadata["grant_types"] == ["authorization_code", "refresh_token"])
        #expect(client.metadata["response_types"] == ["code"])
        #expect(client.metadata["token_endpoint_auth_method"] == "none")
        #expect(client.metadata["client_name#fr"] == nil)
        var other = metadata
        other["client_name"] = "Other"
        #expect(try OAuthClient(other).clientID != client.clientID)
    }

    @Test(
        arguments: [
            [:], ["client_uri": "http://example.com/"], ["client_uri": 5],
            ["client_uri": "https://example.com", "logo_uri": "https://elsewhere.org/l.png"],
            ["client_uri": "https://example.com", "application_type": "toaster"],
        ] as [JSONObject])
    func wrongMetadataAreNamedSo(_ metadata: JSONObject) {
        #expect { try OAuthClient(metadata) } throws: { ($0 as? OAuthError)?.code == .invalidClientMetadata }
    }
}

/// https://spec.matrix.org/v1.19/client-server-api/#scope
@Suite struct OAuthScopeTests {
    @Test func bothVocabulariesAreUnderstood() throws {
        #expect(try OAuthScope("urn:matrix:client:api:* urn:matrix:client:device:ABC").deviceID == "ABC")
        let old = "urn:matrix:org.matrix.msc2967.client:api:* urn:matrix:org.matrix.msc2967.client:device:A-b.C"
        #expect(try OAuthScope("openid \(old)").deviceID == "A-b.C")
        #expect(try OAuthScope("openid \(old)").text == old)
    }

    @Test(arguments: [
        "", "urn:matrix:client:api:*", "urn:matrix:client:device:ABC",
        "urn:matrix:client:api:* urn:matrix:client:device:",
        "urn:matrix:client:api:* urn:matrix:client:device:A urn:matrix:client:device:B",
        "urn:matrix:client:api:* urn:matrix:client:device:a\"b", "urn:matrix:client:api:* urn:matrix:client:device:ä",
    ])
    func thereIsExactlyOneDevice(_ scope: String) {
        #expect { try OAuthScope(scope) } throws: { ($0 as? OAuthError)?.code == .invalidScope }
    }
}
