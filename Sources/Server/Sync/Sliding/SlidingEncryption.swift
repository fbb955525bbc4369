import CanonicalJSON
import EndToEnd
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

/// The extensions for encryption: messages from device to device, and whose keys have changed.
struct SlidingEncryption: Sendable {
    /// What a client asks of `to_device`.
    ///
    /// https://github.com/matrix-org/matrix-spec-proposals/pull/3885
    struct ToDevice: Sendable {
        let limit: Int
        /// Up to here the device has its messages: a token of its own, which outlives connections.
        let since: StreamPosition?

        /// Nil when the extension is not switched on.
        init?(_ extensions: JSONObject) throws(MatrixError) {
            guard let json = try extensions.optionalObject("to_device"), try json.optionalBool("enabled") == true
            else { return nil }
            let maximum = Int64(EndToEndService.maximumMessagesPerSync)
            limit = Int(max(1, min(try json.optionalInteger("limit") ?? maximum, maximum)))
            since = try json.optionalString("since").map { text throws(MatrixError) in
                guard let token = SyncToken(text) else { throw .invalidParameter("'since' is no token of to_device") }
                return token.position
            }
        }
    }

    let service: SyncService
    let request: SlidingSyncRequest
    let stream: UserStream
    let now: StreamPosition

    struct Answer: Sendable {
        let json: [UInt8]
        /// Whether it ends a wait; what is in every answer does not.
        let hasNews: Bool
    }

    /// The messages that wait for the device. What was there before `since` has been deleted by then.
    func toDevice(_ wanted: ToDevice) async throws -> Answer {
        let messages = try await service.endToEnd.toDeviceMessages(
            for: request.device, after: wanted.since ?? .zero, upTo: now, limit: wanted.limit)
        let end = messages.count == wanted.limit ? messages.last?.position ?? now : now
        var writer = JSONWriter()
        writer.object { writer in
            writer.array("events") { writer in for message in messages { writer.raw { $0 += message.json } } }
            writer.member("next_batch", .string(SyncToken(position: end).description))
        }
        return Answer(json: writer.bytes, hasNews: !messages.isEmpty)
    }

    /// - Parameter since: where the connection has got to; nil at its first request, which hears of no changes.
    ///
    /// https://github.com/matrix-org/matrix-spec-proposals/pull/3884
    func endToEnd(since: StreamPosition?) async throws -> Answer {
        let status = try await service.endToEnd.status(of: request.device)
        var changes = DeviceListChanges()
        if let since { changes = try await service.deviceLists(stream, after: since, upTo: now) }
        var writer = JSONWriter()
        writer.object { writer in
            EndToEndSections(deviceLists: changes, status: status).write(to: &writer)
        }
        return Answer(json: writer.bytes, hasNews: !changes.isEmpty)
    }
}
