/// How long somebody waits for a new device to show the chats.
package struct InitialSyncReport: BenchReport, Equatable {
    package let url: String
    package let options: InitialSyncOptions
    package let initial: TimedCalls
    /// The length of an answer to a first sync.
    package let byteCount: Int
    /// Rooms whose timelines were complete in every answer.
    package let completeRoomCount: Int
    package let empty: TimedCalls

    private var expectedRoomCount: Int {
        options.kind == .classic ? options.roomCount : min(options.roomCount, SyncCalls.windowLength)
    }

    package var title: String {
        let kind = options.kind == .classic ? "" : " (sliding)"
        return "initial-sync\(kind): \(options.roomCount) rooms × \(options.messagesPerRoom) messages, at \(url)"
    }

    package var rows: [ReportRow] {
        [
            ReportRow("rooms", key: "rooms", integer: options.roomCount),
            ReportRow("messages in each", key: "messages_per_room", integer: options.messagesPerRoom),
            ReportRow("answer to a first sync", key: "initial_bytes", integer: byteCount, unit: "bytes"),
            ReportRow("rooms complete in it", key: "complete_rooms", integer: completeRoomCount),
            processorRow("server time for it", key: "initial_server_milliseconds", initial),
        ] + latencyRows(LatencySummary(initial.latencies), of: "first sync", key: "initial_")
            + latencyRows(LatencySummary(empty.latencies), of: "sync without news", key: "empty_") + [
                processorRow("server time for a sync without news", key: "empty_server_milliseconds", empty)
            ]
    }

    package var failure: String? {
        completeRoomCount == expectedRoomCount
            ? nil : "only \(completeRoomCount) of \(expectedRoomCount) rooms were complete in the first sync"
    }
}
