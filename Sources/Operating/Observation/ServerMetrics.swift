import ClientServerAPI
import Foundation
import Homeserver
import Metrics

/// All figures of a running server in Prometheus' text format. They are read when somebody asks; while nobody does, they
/// cost an increase of a few atomic counts for each request and each transaction.
package struct ServerMetrics: Sendable {
    private let homeserver: Homeserver
    private let api: ClientServerAPI
    private let version: String
    /// Bytes of the database's file and of its log.
    private let databaseByteCounts: @Sendable () -> (file: Int64, log: Int64)

    package init(
        homeserver: Homeserver, api: ClientServerAPI, version: String,
        databaseByteCounts: @escaping @Sendable () -> (file: Int64, log: Int64)
    ) {
        self.homeserver = homeserver
        self.api = api
        self.version = version
        self.databaseByteCounts = databaseByteCounts
    }

    package var text: String {
        var writer = PrometheusText()
        writer.begin("naru_build_info", .gauge, "The release that is running.")
        writer.value("naru_build_info", [("version", version)], 1)
        writeRequests(to: &writer)
        writeStream(to: &writer)
        writeMemory(to: &writer)
        return writer.text
    }

    private func writeRequests(to writer: inout PrometheusText) {
        let operations = api.statistics.filter { $0.times.snapshot.count > 0 }
        let requests = "naru_requests_total"
        writer.begin(requests, .counter, "Requests answered, by operation of the specification and status.")
        for operation in operations {
            for (status, count) in operation.byStatus {
                writer.value(requests, [("operation", operation.operationID), ("status", status)], count)
            }
        }
        let seconds = "naru_request_seconds"
        writer.begin(seconds, .histogram, "From the whole request to the answer; a sync's time is mostly waiting.")
        for operation in operations {
            writer.values(seconds, [("operation", operation.operationID)], of: operation.times, unit: -6)
        }
        writer.single(
            "naru_syncs_waiting", .gauge, "Syncs that wait for something new.", Int64(homeserver.sync.waitCount))
    }

    private func writeStream(to writer: inout PrometheusText) {
        let writes = homeserver.writes
        writer.single(
            "naru_stream_position", .counter, "The latest durable change.", writes.publishedPosition.rawValue)
        writer.single(
            "naru_writes_pending", .gauge, "Commands that wait for a transaction.", Int64(writes.pendingCount))
        let batches = "naru_write_batch_commands"
        writer.begin(batches, .histogram, "Commands in one transaction.")
        writer.values(batches, of: writes.statistics.batchSizes)
        let commits = "naru_write_commit_seconds"
        writer.begin(commits, .histogram, "From a transaction's beginning until it is durable.")
        writer.values(commits, of: writes.statistics.commitTimes, unit: -6)
        let (file, log) = databaseByteCounts()
        writer.single("naru_database_bytes", .gauge, "The size of the database's file.", file)
        writer.single("naru_database_log_bytes", .gauge, "The size of its write-ahead log.", log)
    }

    private func writeMemory(to writer: inout PrometheusText) {
        let rooms = homeserver.rooms.roomsInMemory
        writer.single("naru_rooms_in_memory", .gauge, "Rooms in memory.", Int64(rooms.count))
        writer.single("naru_rooms_in_memory_bytes", .gauge, "About what they take.", Int64(rooms.byteCount))
        let figures = ProcessFigures()
        writer.single(
            "process_resident_memory_bytes", .gauge, "Memory of the process.", figures.residentBytes)
        writer.single("process_open_fds", .gauge, "Open files, connections among them.", figures.openFileCount)
        let name = "process_cpu_microseconds_total"
        writer.single(name, .counter, "Processor time of the process.", figures.processorMicroseconds)
    }
}
