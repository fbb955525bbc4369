import CanonicalJSON
import EndToEnd
import HomeserverStore
import MatrixIdentifiers

/// What a sync says about encryption: messages from device to device, whose keys have changed, and the device's own
/// keys. The same for every kind of sync.
struct EndToEndSections: Sendable {
    /// The events, JSON as bytes.
    var toDevice: [[UInt8]] = []
    /// Up to here the device has its messages, when this answer is not all of them; else nil.
    var toDeviceEnd: StreamPosition?
    var deviceLists = DeviceListChanges()
    let status: DeviceStatus

    /// Whether a waiting sync is to be answered.
    var hasNews: Bool { !toDevice.isEmpty || !deviceLists.isEmpty }

    /// https://spec.matrix.org/v1.19/client-server-api/#e2e-extensions-to-sync
    func write(to writer: inout JSONWriter) {
        if !deviceLists.isEmpty { writer.member("device_lists", .object(deviceLists.json)) }
        writer.member("device_one_time_keys_count", .object(status.oneTimeKeyCounts))
        writer.member(
            "device_unused_fallback_key_types", .array(status.unusedFallbackKeyTypes.map { .string($0) }))
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#send-to-device-messaging
    func writeToDevice(to writer: inout JSONWriter) {
        guard !toDevice.isEmpty else { return }
        writer.object("to_device") { writer in
            writer.array("events") { writer in for event in toDevice { writer.raw { $0 += event } } }
        }
    }
}

extension DeviceListChanges {
    /// `device_lists`, and the answer of `/keys/changes`.
    public var json: JSONObject {
        func array(_ users: Set<UserID>) -> JSONValue { .array(users.sorted().map { .string($0.string) }) }
        return ["changed": array(changed), "left": array(left)]
    }
}

extension SyncService {
    /// What is new for the device; reads the store only if something is.
    ///
    /// - Parameters:
    ///   - toDeviceSince: up to here the device has its messages.
    ///   - deviceListsSince: nil for a first sync, which says nothing of device lists.
    func endToEndSections(
        stream: UserStream, device: DeviceNumber, toDeviceSince: StreamPosition, deviceListsSince: StreamPosition?,
        upTo now: StreamPosition
    ) async throws -> EndToEndSections {
        var sections = EndToEndSections(status: try await endToEnd.status(of: device))
        let messages = try await endToEnd.toDeviceMessages(for: device, after: toDeviceSince, upTo: now)
        sections.toDevice = messages.map(\.json)
        if messages.count == EndToEndService.maximumMessagesPerSync { sections.toDeviceEnd = messages.last?.position }
        if let deviceListsSince {
            sections.deviceLists = try await deviceLists(stream, after: deviceListsSince, upTo: now)
        }
        return sections
    }

    /// Whose keys have changed for a user since a token of his, up to the present: `/keys/changes`.
    public func deviceLists(of userID: UserID, after: StreamPosition) async throws -> DeviceListChanges {
        try await endToEnd.deviceListChanges(for: userID, after: after, upTo: streams.position)
    }

    /// Whose keys have changed for the user; reads the store only if memory does not know.
    func deviceLists(
        _ stream: UserStream, after: StreamPosition, upTo: StreamPosition
    ) async throws -> DeviceListChanges {
        switch stream.deviceListNews(after: after, upTo: upTo) {
        case .nothing: DeviceListChanges()
        case .changed(let users): DeviceListChanges(changed: users)
        case .stored: try await endToEnd.deviceListChanges(for: stream.userID, after: after, upTo: upTo)
        }
    }
}
