import Foundation
import GRDB
import HomeserverStore

extension SQLiteStore: ToDeviceWriter {
    package func toDeviceMessages(
        for device: DeviceNumber, after: StreamPosition, upTo: StreamPosition, limit: Int
    ) throws -> [ToDeviceMessage] {
        try rows(
            """
            SELECT position, json FROM to_device_messages
            WHERE device = ? AND position > ? AND position <= ? ORDER BY position LIMIT ?
            """, [device.rawValue, after.rawValue, upTo.rawValue, limit]
        ).map { ToDeviceMessage(position: $0.position("position"), json: ($0["json"] as Data).bytes) }
    }

    package func toDeviceRange(of device: DeviceNumber) throws -> ClosedRange<StreamPosition>? {
        let ends = try ends(of: device)
        return ends.map { $0.first.position...$0.last.position }
    }

    private struct End {
        let position: StreamPosition
        let number: Int64
        /// The sizes of all messages before this one, some of which are gone.
        let bytesBefore: Int64
        let byteCount: Int64
    }

    private func end(of device: DeviceNumber, _ sql: String) throws -> End? {
        try row(sql, [device.rawValue]).map { row in
            End(
                position: row.position("position"), number: row["number"], bytesBefore: row["bytes_before"],
                byteCount: row["byte_count"])
        }
    }

    private func ends(of device: DeviceNumber) throws -> (first: End, last: End)? {
        let columns = """
            SELECT position, number, bytes_before, length(json) AS byte_count FROM to_device_messages WHERE device = ?
            """
        guard let first = try end(of: device, columns + " ORDER BY position LIMIT 1"),
            let last = try end(of: device, columns + " ORDER BY position DESC LIMIT 1")
        else { return nil }
        return (first, last)
    }

    package func insertToDeviceMessage(
        _ message: ToDeviceMessage, for device: DeviceNumber, bounds: InboxBounds
    ) throws {
        let last = try ends(of: device)?.last
        try execute(
            """
            INSERT INTO to_device_messages (device, position, number, bytes_before, json) VALUES (?, ?, ?, ?, ?)
            """,
            [
                device.rawValue, message.position.rawValue, (last?.number ?? 0) + 1,
                last.map { $0.bytesBefore + $0.byteCount } ?? 0, message.json.data,
            ])
        // The sums tell the size of the inbox without counting; seldom more than one message has to go.
        while let (first, last) = try ends(of: device), first.position != last.position,
            last.number - first.number >= Int64(bounds.maximumCount)
                || last.bytesBefore + last.byteCount - first.bytesBefore > Int64(bounds.maximumBytes)
        {
            try deleteToDeviceMessages(for: device, upTo: first.position)
        }
    }

    package func deleteToDeviceMessages(for device: DeviceNumber, upTo: StreamPosition) throws {
        try execute(
            "DELETE FROM to_device_messages WHERE device = ? AND position <= ?", [device.rawValue, upTo.rawValue])
    }
}
