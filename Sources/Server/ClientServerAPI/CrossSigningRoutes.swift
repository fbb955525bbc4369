import AccountPages
import Accounts
import CanonicalJSON
import EndToEnd
import MatrixAPI
import MatrixClientAPI

struct CrossSigningRoutes: Routes {
    let accounts: AccountService
    let endToEnd: EndToEndService
    let pages: AccountPages

    func register(on table: inout RouteTable) {
        table.on(.uploadCrossSigningKeys, use: uploadCrossSigningKeys)
        table.on(.uploadCrossSigningSignatures, use: uploadCrossSigningSignatures)
    }

    private func uploadCrossSigningKeys(_ call: Call) async throws -> Reply {
        let body = try call.bodyOrEmpty()
        let userID = call.userID
        let upload = try CrossSigningUpload(json: body, userID: userID)
        // A request that goes on with a session may leave the keys to the first one.
        if call.session.applicationService != nil {
            // https://spec.matrix.org/v1.19/application-service-api/#cross-signing
            try await endToEnd.upload(upload, isAuthenticated: true)
            return .empty
        }
        if body["auth"] == nil, try await !endToEnd.needsAuthentication(upload) {
            try await endToEnd.upload(upload, isAuthenticated: false)
            return .empty
        }
        let request = try await authorize(call, body)
        try await endToEnd.upload(CrossSigningUpload(json: request, userID: userID), isAuthenticated: true)
        accounts.interactiveAuthentication.finish(body)
        if call.session.oauthClient != nil { try await accounts.endCrossSigningReset(userID) }
        return .empty
    }

    /// Whoever signed in with a password gives it again; whoever came by OAuth 2.0 allows it on his account's page.
    private func authorize(_ call: Call, _ body: JSONObject) async throws -> JSONObject {
        let userID = call.userID
        let stage: AuthenticationStage = call.session.oauthClient == nil ? .password : .oauth
        var demand = InteractiveAuthentication.Demand(
            operation: "uploadCrossSigningKeys \(userID)", flows: [[stage]])
        var body = body
        if stage == .oauth {
            let page = try pages.metadata(for: call.request)["account_management_uri"]?.stringValue ?? ""
            demand.params = ["m.oauth": ["url": .string("\(page)?action=org.matrix.cross_signing_reset")]]
            // Clients come back with the session alone and ask whether the page has been visited meanwhile.
            if var auth = try body.optionalObject("auth"), auth["session"] != nil, auth["type"] == nil,
                try await accounts.isCrossSigningResetAllowed(userID)
            {
                auth["type"] = .string(stage.rawValue)
                body["auth"] = .object(auth)
            }
        }
        return try await accounts.interactiveAuthentication.authorize(demand, body: body) { stage, auth in
            if stage == .oauth {
                guard try await accounts.isCrossSigningResetAllowed(userID) else {
                    throw MatrixError.forbidden("this has not been allowed on the account's page")
                }
            } else {
                try await PasswordStage.verify(auth, accounts: accounts, userID: userID)
            }
            return nil
        }.request
    }

    private func uploadCrossSigningSignatures(_ call: Call) async throws -> Reply {
        let users = try call.body()
        var keys: [EndToEndService.SignedKey] = []
        for member in users.members {
            let userID = try users.userID(member.key)
            let targets = try users.object(member.key)
            for target in targets.members {
                keys.append(.init(userID: userID, target: target.key, json: try targets.object(target.key)))
            }
        }
        let failures = try await endToEnd.uploadSignatures(keys, by: call.userID)
        return .json(["failures": .object(failures)])
    }
}
