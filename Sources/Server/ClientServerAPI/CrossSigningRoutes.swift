import Accounts
import CanonicalJSON
import EndToEnd
import MatrixAPI
import MatrixClientAPI

struct CrossSigningRoutes: Routes {
    let accounts: AccountService
    let endToEnd: EndToEndService

    func register(on table: inout RouteTable) {
        table.on(.uploadCrossSigningKeys, use: uploadCrossSigningKeys)
        table.on(.uploadCrossSigningSignatures, use: uploadCrossSigningSignatures)
    }

    private func uploadCrossSigningKeys(_ call: Call) async throws -> Reply {
        let body = try call.bodyOrEmpty()
        let userID = call.userID
        let upload = try CrossSigningUpload(json: body, userID: userID)
        // A request that goes on with a session may leave the keys to the first one.
        if body["auth"] == nil, try await !endToEnd.needsAuthentication(upload) {
            try await endToEnd.upload(upload, isAuthenticated: false)
            return .empty
        }
        let request = try await accounts.interactiveAuthentication.authorize(
            operation: "uploadCrossSigningKeys \(userID)", body: body, flows: [[.password]]
        ) { _, auth in
            try await PasswordStage.verify(auth, accounts: accounts, userID: userID)
        }
        try await endToEnd.upload(CrossSigningUpload(json: request, userID: userID), isAuthenticated: true)
        accounts.interactiveAuthentication.finish(body)
        return .empty
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
