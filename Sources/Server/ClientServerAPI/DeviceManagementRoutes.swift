import Accounts
import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixClientAPI

struct DeviceManagementRoutes: Routes {
    let accounts: AccountService

    func register(on table: inout RouteTable) {
        table.on(.getDevices, use: getDevices)
        table.on(.getDevice, use: getDevice)
        table.on(.updateDevice, use: updateDevice)
        table.on(.deleteDevice, use: deleteDevice)
        table.on(.deleteDevices, use: deleteDevices)
    }

    private func getDevices(_ call: Call) async throws -> Reply {
        let devices = try await accounts.devices(of: call.userID)
        return .json(["devices": .array(devices.map { .object($0.json) })])
    }

    private func getDevice(_ call: Call) async throws -> Reply {
        .json(try await accounts.device(call.parameters["deviceId"], of: call.userID).json)
    }

    private func updateDevice(_ call: Call) async throws -> Reply {
        let name = try call.body().optionalString("display_name")
        if call.session.applicationService != nil { return try await makeDevice(call, name: name) }
        try await accounts.renameDevice(call.parameters["deviceId"], of: call.userID, to: name)
        return .empty
    }

    /// https://spec.matrix.org/v1.19/application-service-api/#creating-devices
    private func makeDevice(_ call: Call, name: String?) async throws -> Reply {
        let isNew = try await accounts.makeDevice(
            call.parameters["deviceId"], of: call.userID, displayName: name)
        return .http(ClientServerAPI.response(isNew ? 201 : 200, Array("{}".utf8)))
    }

    private func deleteDevice(_ call: Call) async throws -> Reply {
        let deviceID = call.parameters["deviceId"]
        let body = try call.bodyOrEmpty()
        let authorized = try await authorize(call, operation: "deleteDevice \(deviceID)", body: body)
        try await accounts.deleteDevices([deviceID], of: call.userID)
        accounts.interactiveAuthentication.finish(sessionID: authorized.sessionID)
        return .empty
    }

    private static let maximumDevices = 1_000

    private func deleteDevices(_ call: Call) async throws -> Reply {
        let body = try call.body()
        let authorized = try await authorize(call, operation: "deleteDevices", body: body)
        guard let devices = try authorized.request.optionalStrings("devices") else {
            throw MatrixError.missingParameter("'devices' is missing")
        }
        guard devices.count <= Self.maximumDevices else { throw MatrixError.tooLarge("too many devices at once") }
        try await accounts.deleteDevices(devices, of: call.userID)
        accounts.interactiveAuthentication.finish(sessionID: authorized.sessionID)
        return .empty
    }

    private func authorize(
        _ call: Call, operation: String, body: JSONObject
    ) async throws -> InteractiveAuthentication.Authorized {
        // An application service has no password to give, and manages the devices of those it speaks for:
        // https://spec.matrix.org/v1.19/application-service-api/#deleting-devices
        if call.session.applicationService != nil { return InteractiveAuthentication.Authorized(unasked: body) }
        return try await OwnerAuthentication(accounts: accounts).authorize(call, operation: operation, body: body).1
    }
}

extension DeviceRecord {
    fileprivate var json: JSONObject {
        var json: JSONObject = ["device_id": .string(deviceID)]
        json["display_name"] = displayName.map { .string($0) }
        json["last_seen_ts"] = lastSeenAt.map { .integer($0) }
        json["last_seen_ip"] = lastSeenAddress.map { .string($0) }
        return json
    }
}
