import HomeserverStore
import Synchronization

/// When devices were last seen, kept in memory between two writes.
final class LastSeen: Sendable {
    struct Entry: Sendable {
        let milliseconds: Int64
        let address: String
    }

    private static let maximumCount = 100_000
    private let entries = Mutex<[DeviceNumber: Entry]>([:])

    func note(_ device: DeviceNumber, at milliseconds: Int64, address: String) {
        entries.withLock { entries in
            // Once a second is enough to know, and spares the dictionary.
            if let known = entries[device], milliseconds - known.milliseconds < 1_000 { return }
            if entries.count < Self.maximumCount || entries[device] != nil {
                entries[device] = Entry(milliseconds: milliseconds, address: address)
            }
        }
    }

    func take() -> [DeviceNumber: Entry] {
        entries.withLock { entries in
            defer { entries = [:] }
            return entries
        }
    }

    /// The device as stored, with what has not been written yet.
    func refreshed(_ device: DeviceRecord) -> DeviceRecord {
        guard let entry = entries.withLock({ $0[device.number] }) else { return device }
        return DeviceRecord(
            number: device.number, userID: device.userID, deviceID: device.deviceID, displayName: device.displayName,
            lastSeenAt: entry.milliseconds, lastSeenAddress: entry.address, oauthClient: device.oauthClient)
    }
}
