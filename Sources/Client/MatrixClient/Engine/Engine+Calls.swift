import CanonicalJSON
import MatrixAPI
import MatrixClientAPI

/// Requests in the session's name.
extension Engine {
    /// - Parameters:
    ///   - parameters: for the variables of the endpoint's path.
    ///   - body: nil for a request without one.
    func call(
        _ endpoint: Endpoint, _ parameters: [String: String] = [:], query: [(String, String)] = [],
        body: JSONObject? = nil
    ) async throws(ClientError) -> JSONObject {
        var call = ServerCaller.Call(
            method: endpoint.method.rawValue, target: endpoint.target(parameters, query: query))
        if endpoint.method == .post || endpoint.method == .put { call.body = (body ?? [:]).bytes() }
        return try ServerCaller.json(try await send(call))
    }

    /// Any answer, after the access token has been renewed if it was too old.
    func send(_ call: ServerCaller.Call) async throws(ClientError) -> TransportResponse {
        if let expiry = credentials.expiry, credentials.refreshToken != nil,
            environment.now() > expiry - Self.refreshMarginMilliseconds
        {
            try await refresh(insteadOf: credentials.accessToken)
        }
        let token = credentials.accessToken
        let response = try await caller.send(call, token: token)
        guard response.status == 401, case .signedOut(let isSoft) = ServerCaller.refusal(response).code else {
            return response
        }
        guard isSoft, credentials.refreshToken != nil || credentials.accessToken != token else { return response }
        try await refresh(insteadOf: token)
        return try await caller.send(call, token: credentials.accessToken)
    }

    /// A token is renewed before it ends, so that no request meets its end.
    private static let refreshMarginMilliseconds: Int64 = 20_000

    /// https://spec.matrix.org/v1.19/client-server-api/#refreshing-access-tokens
    ///
    /// - Parameter token: the one that is too old; when another has taken its place already, nothing is done.
    private func refresh(insteadOf token: String) async throws(ClientError) {
        guard credentials.accessToken == token else { return }
        // Two refreshes at once would take back each other's tokens.
        let task =
            refreshing
            ?? Task {
                do throws(ClientError) {
                    try await self.fetchTokens()
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
        refreshing = task
        let result = await task.value
        if refreshing == task { refreshing = nil }
        try result.get()
    }

    private func fetchTokens() async throws(ClientError) {
        guard let refreshToken = credentials.refreshToken else {
            throw ClientError(.signedOut(isSoft: true), "the access token has ended")
        }
        let body: JSONObject = ["refresh_token": .string(refreshToken)]
        let call = ServerCaller.Call(
            method: Endpoint.refresh.method.rawValue, target: Endpoint.refresh.path, body: body.bytes())
        let answer = try ServerCaller.json(try await caller.send(call, token: nil))
        try keepTokens(of: answer)
    }

    /// The new tokens are stored before they are used: the old ones end with the first use.
    func keepTokens(of answer: JSONObject) throws(ClientError) {
        var new = credentials
        guard new.takeTokens(from: answer, now: environment.now()) else {
            throw ClientError(.brokenAnswer, "the server gives no access token")
        }
        try commit([StoreChange(Credentials.key, new.json.bytes())])
        credentials = new
    }
}
