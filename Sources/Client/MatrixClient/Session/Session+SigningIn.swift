import MatrixIdentifiers

extension Session {
    /// Finds where a server answers, by its `.well-known` file.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#well-known-uris
    ///
    /// - Parameter server: a server's name (`example.org`) or an address (`https://matrix.example.org`), which is taken
    ///   as it is.
    public static func discover(_ server: String, transport: any Transport) async throws(ClientError) -> String {
        try await Discovery(transport: transport).baseURL(of: server)
    }

    /// Makes an account and signs in.
    ///
    /// - Parameters:
    ///   - name: the localpart of the user ID: `a-z`, `0-9` and `._=/+-`.
    ///   - registrationToken: what the operator has given out, where the server asks for one.
    /// - Throws: ``ClientError/Code/unsupported`` when the server asks for something else besides (an e-mail address, a
    ///   captcha); ``ClientError/Code/invalidRequest`` when the store holds another session.
    public static func signUp(
        _ name: String, password: String, registrationToken: String? = nil, configuration: ClientConfiguration
    ) async throws(ClientError) -> Session {
        try await SigningIn(configuration).signUp(name, password: password, registrationToken: registrationToken)
    }

    /// - Parameter user: a user ID, or its localpart.
    /// - Throws: ``ClientError/Code/refused(errorCode:)`` with `M_FORBIDDEN` when name or password is wrong.
    public static func signIn(
        _ user: String, password: String, configuration: ClientConfiguration
    ) async throws(ClientError) -> Session {
        try await SigningIn(configuration).signIn(user, password: password)
    }

    /// The session that the store holds. Asks nobody, so it works without a network.
    ///
    /// - Returns: nil when the store holds none.
    public static func restore(_ configuration: ClientConfiguration) async throws(ClientError) -> Session? {
        try SigningIn(configuration).restore()
    }

    /// Goes on with the same device and its keys after the server has taken the token back.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#soft-logout
    public func signInAgain(password: String) async throws(ClientError) {
        try await engine.signInAgain(password: password)
    }

    /// Ends the session on the server and erases the store. Without a recovery key, what was encrypted is lost.
    ///
    /// The store is erased also when the server cannot be reached.
    public func signOut() async throws(ClientError) { try await engine.signOut() }
}
