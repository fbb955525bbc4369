import Accounts
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

extension AccountPages {
    func devicesPage(_ call: PageCall, _ userID: UserID) async throws -> PageAnswer {
        let texts = call.texts.account
        let devices = try await accounts.devices(of: userID).sorted { ($0.lastSeenAt ?? 0) > ($1.lastSeenAt ?? 0) }
        let rows = devices.map { device -> HTML in
            """
            <li><a class="row" href="\(Self.path(.deviceView, call, deviceID: device.deviceID))">\
            <span>\(device.displayName ?? texts.unnamedDevice)<span class="detail">\(lastUsed(device, call))</span></span>\
            <span class="arrow" aria-hidden="true">›</span></a></li>
            """
        }
        let list: HTML = rows.isEmpty ? "<p>\(texts.noSessions)</p>" : "<ul class=\"list\">\(rows)</ul>"
        return .page(
            texts.sessions,
            """
            <p class="lead">\(texts.sessionsLead)</p>
            \(FormPart.notice(call.query["done"] == "ended" ? texts.sessionEnded : nil, style: "good"))
            \(list)
            \(Self.back(call))
            """)
    }

    private func lastUsed(_ device: DeviceRecord, _ call: PageCall) -> String {
        device.lastSeenAt.map { call.texts.ago(environment.timestamp - $0) } ?? call.texts.account.neverUsed
    }

    /// One device, with the button that signs it out.
    func device(_ call: PageCall, _ userID: UserID, isPost: Bool) async throws -> PageAnswer {
        let texts = call.texts.account
        let deviceID = call.query["device_id"] ?? ""
        let device: DeviceRecord
        do {
            device = try await accounts.device(deviceID, of: userID)
        } catch let error as MatrixError where error.code == .notFound {
            return .page(
                texts.sessions,
                "<p class=\"notice\">\(texts.noSuchSession)</p>\(Self.back(call, to: .devicesList))", status: 404)
        }
        if isPost {
            try await accounts.deleteDevices([deviceID], of: userID)
            return .redirect(to: Self.path(.devicesList, call, notice: "ended"))
        }
        let facts = FormPart.facts([
            (texts.lastUsed, lastUsed(device, call), false),
            (texts.address, device.lastSeenAddress ?? "–", true), (texts.deviceID, device.deviceID, true),
        ])
        let end: HTML = """
            <p class="lead">\(texts.endSessionLead)</p>\(FormPart.button(texts.endSession, style: "danger"))
            """
        return .page(
            device.displayName ?? texts.unnamedDevice,
            "\(facts)\(call.formElement(end))\(Self.back(call, to: .devicesList))")
    }
}
