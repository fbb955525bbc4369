import CanonicalJSON
import EndToEnd
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers
import Sync

struct KeysRoutes: Routes {
    let endToEnd: EndToEndService
    let sync: SyncService

    func register(on table: inout RouteTable) {
        table.on(.uploadKeys, use: uploadKeys)
        table.on(.queryKeys, use: queryKeys)
        table.on(.claimKeys, use: claimKeys)
        table.on(.getKeysChanges, use: getKeysChanges)
    }

    private func uploadKeys(_ call: Call) async throws -> Reply {
        let upload = try KeysUpload(
            json: call.bodyOrEmpty(), userID: call.userID, deviceID: call.session.requiredDeviceID())
        let counts = try await endToEnd.upload(upload, of: call.session.device, userID: call.userID)
        return .json(["one_time_key_counts": .object(counts)])
    }

    private func queryKeys(_ call: Call) async throws -> Reply {
        let body = try call.body()
        _ = try body.optionalInteger("timeout")
        let users = try body.object("device_keys")
        let queries = try users.members.map { member in
            EndToEndService.KeysQuery(
                userID: try users.userID(member.key), deviceIDs: try users.optionalStrings(member.key) ?? [])
        }
        return .json(try await endToEnd.query(queries, viewer: call.userID))
    }

    private func claimKeys(_ call: Call) async throws -> Reply {
        let body = try call.body()
        _ = try body.optionalInteger("timeout")
        let users = try body.object("one_time_keys")
        var claims: [EndToEndService.KeyClaim] = []
        for member in users.members {
            let userID = try users.userID(member.key)
            let devices = try users.object(member.key)
            for device in devices.members {
                claims.append(
                    .init(userID: userID, deviceID: device.key, algorithm: try devices.string(device.key)))
            }
        }
        return .json(try await endToEnd.claim(claims))
    }

    private func getKeysChanges(_ call: Call) async throws -> Reply {
        guard let from = call.query["from"] else { throw MatrixError.missingParameter("'from' is missing") }
        let since = try SyncToken(parsing: from, name: "from").position
        // What came after `to` is told too: it is but a hint, and of each user only the latest change is known.
        if let to = call.query["to"] { _ = try SyncToken(parsing: to, name: "to") }
        return .json(try await sync.deviceLists(of: call.userID, after: since).json)
    }
}

extension JSONObject {
    /// A key of this object that has to be a user ID.
    func userID(_ key: String) throws(MatrixError) -> UserID {
        guard let userID = UserID(key) else { throw .invalidParameter("'\(key.prefix(80))' is no user ID") }
        return userID
    }
}
