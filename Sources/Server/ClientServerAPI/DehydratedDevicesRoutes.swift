import CanonicalJSON
import EndToEnd
import HomeserverStore
import MatrixAPI
import MatrixClientAPI
import Sync

struct DehydratedDevicesRoutes: Routes {
    let endToEnd: EndToEndService

    func register(on table: inout RouteTable) {
        table.on(.putDehydratedDevice) { call in
            let body = try call.body()
            try await endToEnd.dehydrate(.init(json: body, userID: call.userID), of: call.userID)
            return .json(["device_id": .string(try body.string("device_id"))])
        }
        table.on(.getDehydratedDevice) { call in
            let device = try await endToEnd.dehydratedDevice(of: call.userID)
            return .json([
                "device_data": try JSONParser.parse(device.data), "device_id": .string(device.deviceID),
            ])
        }
        table.on(.deleteDehydratedDevice) { call in
            .json(["device_id": .string(try await endToEnd.deleteDehydratedDevice(of: call.userID))])
        }
        table.on(.postDehydratedDeviceEvents) { call in
            try await events(call, token: call.bodyOrEmpty().optionalString("next_batch"))
        }
        table.on(.getDehydratedDeviceEvents) { try await events($0, token: $0.query["next_batch"]) }
    }

    private func events(_ call: Call, token: String?) async throws -> Reply {
        let after = try token.map { try SyncToken(parsing: $0, name: "next_batch").position } ?? .zero
        let limit = min(max(1, try call.integer("limit") ?? 100), 100)
        let messages = try await endToEnd.dehydratedMessages(
            of: call.userID, deviceID: call.parameters["deviceId"], after: after, limit: Int(limit))
        var writer = JSONWriter()
        writer.object { writer in
            writer.array("events") { writer in for message in messages { writer.raw { $0 += message.json } } }
            let end = messages.last?.position ?? after
            writer.member("next_batch", .string(SyncToken(position: end).description))
        }
        return .bytes(writer.bytes)
    }
}
