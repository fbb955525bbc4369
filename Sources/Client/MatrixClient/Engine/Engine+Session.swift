import CanonicalJSON
import MatrixAPI
import MatrixClientAPI

/// The end of a session, and its going on.
extension Engine {
    /// https://spec.matrix.org/v1.19/client-server-api/#soft-logout
    func signInAgain(password: String) async throws(ClientError) {
        let answer = try await SigningIn(configuration).logIn(userID.string, password: password, deviceID: deviceID)
        guard answer.string(at: "user_id") == userID.string, answer.string(at: "device_id") == deviceID else {
            throw ClientError(.brokenAnswer, "the server has signed in somebody else")
        }
        try keepTokens(of: answer)
        sync = SyncMachine(sync.progress)
        connectionBroadcast.send(.stopped)
        sendBell.ring()
    }

    /// After a registration: there can be no identity yet.
    func expectFirstIdentity(password: String) {
        guard machineHost.machine != nil else { return }
        wantsIdentity = true
        identityPassword = password
    }

    func signOut() async throws(ClientError) {
        var failure: ClientError?
        do throws(ClientError) {
            _ = try await call(.logout)
        } catch {
            // Somebody else has ended the session: that is what was wanted.
            if case .signedOut = error.code {} else { failure = error }
        }
        // What is still under way must not be written into the empty store.
        end(with: ClientError(.signedOut(isSoft: false), "the session was ended"))
        try store.erase()
        connectionBroadcast.send(.signedOut(isSoft: false))
        if let failure { throw failure }
    }
}
