import CanonicalJSON

/// What is under way, kept in memory beside the records so that no call has to read them all.
struct PendingWork {
    struct Request {
        let kind: OutgoingRequest.Kind
        let room: String?
    }

    /// By number.
    private(set) var requests: [UInt64: Request] = [:]
    /// Users whose device lists are outdated, by record key.
    private(set) var outdatedUsers: [[UInt8]: String] = [:]
    /// Devices with which an Olm session is wanted, by record key.
    private(set) var wantedSessions: [[UInt8]: DeviceName] = [:]

    mutating func note(_ request: RequestRecord, number: UInt64) {
        requests[number] = Request(kind: request.kind, room: request.room)
    }

    mutating func forgetRequest(_ number: UInt64) { requests[number] = nil }

    mutating func note(_ user: String, isOutdated: Bool) {
        outdatedUsers[TrackedUserRecord.key(user)] = isOutdated ? user : nil
    }

    mutating func note(_ device: DeviceName, isWanted: Bool) {
        wantedSessions[device.key] = isWanted ? device : nil
    }

    func numbers(of kind: OutgoingRequest.Kind) -> [UInt64] {
        requests.filter { $0.value.kind == kind }.map(\.key).sorted()
    }

    /// The highest number; 0 when nothing is under way.
    var lastRequest: UInt64 { min(requests.keys.max() ?? 0, 1 << 62) }

    func has(_ kind: OutgoingRequest.Kind) -> Bool {
        for request in requests.values where request.kind == kind { return true }
        return false
    }

    /// The requests that messages in a room wait for.
    func numbers(for room: String) -> [UInt64] {
        var numbers: [UInt64] = []
        for (number, request) in requests {
            if let other = request.room, utf8Equal(other, room) { numbers.append(number) }
        }
        return numbers.sorted()
    }
}

/// A user's device.
struct DeviceName: Equatable {
    let user: String
    let device: String

    var key: [UInt8] { recordKey(user, device) }

    static func == (left: Self, right: Self) -> Bool {
        utf8Equal(left.user, right.user) && utf8Equal(left.device, right.device)
    }
}
