import CanonicalJSON
import EndToEnd
import MatrixAPI
import MatrixClientAPI

struct ToDeviceRoutes: Routes {
    let endToEnd: EndToEndService

    func register(on table: inout RouteTable) {
        table.on(.sendToDevice, use: sendToDevice)
    }

    private func sendToDevice(_ call: Call) async throws -> Reply {
        let users = try call.body().object("messages")
        var contents: [EndToEndService.ToDeviceContent] = []
        for member in users.members {
            let userID = try users.userID(member.key)
            let devices = try users.object(member.key)
            for device in devices.members {
                contents.append(.init(userID: userID, deviceID: device.key, content: try devices.object(device.key)))
            }
        }
        try await endToEnd.sendToDevice(
            call.parameters["eventType"], contents, transactionID: call.transactionID(), sender: call.sender)
        return .empty
    }
}
