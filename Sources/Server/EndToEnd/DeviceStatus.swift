import CanonicalJSON
import HomeserverStore
import Synchronization

/// What every sync tells a device of itself, and where its inbox begins and ends.
public struct DeviceStatus: Sendable, Equatable {
    /// By algorithm. `signed_curve25519` is there also when it is zero: clients take a count that is missing for one
    /// that has not changed, and would not upload new keys.
    public let oneTimeKeyCounts: JSONObject
    public let unusedFallbackKeyTypes: [String]
    /// The positions of the first and the last message that wait; nil when none does.
    let inbox: ClosedRange<StreamPosition>?

    static func read(of device: DeviceNumber, from store: any StoreReader) throws -> DeviceStatus {
        DeviceStatus(
            oneTimeKeyCounts: try oneTimeKeyCounts(of: device, from: store),
            unusedFallbackKeyTypes: try store.unusedFallbackKeyTypes(of: device),
            inbox: try store.toDeviceRange(of: device))
    }

    static func oneTimeKeyCounts(of device: DeviceNumber, from store: any StoreReader) throws -> JSONObject {
        var counts: JSONObject = ["signed_curve25519": 0]
        for (algorithm, count) in try store.oneTimeKeyCounts(of: device) { counts[algorithm] = .integer(Int64(count)) }
        return counts
    }
}

/// The status of the devices that sync, so that a sync with no news reads nothing from the store.
///
/// Whoever changes a device's keys or inbox calls ``forget(_:)`` when the change is durable; what was being read
/// meanwhile is then not kept.
final class DeviceStatusCache: Sendable {
    private enum Entry {
        case loading(Int64)
        case known(DeviceStatus)
    }

    private struct State {
        var entries: [DeviceNumber: Entry] = [:]
        var lastLoad: Int64 = 0
    }

    /// About 400 bytes each. Above it, all are dropped and read again when they are used.
    private static let maximumCount = 100_000
    private let state = Mutex(State())

    subscript(device: DeviceNumber) -> DeviceStatus? {
        state.withLock { state in
            if case .known(let status) = state.entries[device] { status } else { nil }
        }
    }

    /// Says that the device's status is about to be read. Answers what ``finish(_:load:status:)`` needs.
    func begin(_ device: DeviceNumber) -> Int64 {
        state.withLock { state in
            if state.entries.count >= Self.maximumCount { state.entries = [:] }
            state.lastLoad += 1
            state.entries[device] = .loading(state.lastLoad)
            return state.lastLoad
        }
    }

    /// Keeps what was read, unless it was changed or read again since ``begin(_:)``.
    func finish(_ device: DeviceNumber, load: Int64, status: DeviceStatus) {
        state.withLock { state in
            guard case .loading(load) = state.entries[device] else { return }
            state.entries[device] = .known(status)
        }
    }

    func forget(_ device: DeviceNumber) { state.withLock { $0.entries[device] = nil } }
}
