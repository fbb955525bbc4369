import Synchronization

/// When the waits end, in one table that one timer walks: a timer each would cost memory for every connection.
final class WaitDeadlines: Sendable {
    struct Key: Sendable {
        fileprivate let bucket: Int64
        fileprivate let number: Int64
    }

    private struct Waits {
        var buckets: [Int64: [Int64: @Sendable () -> Void]] = [:]
        var nextNumber: Int64 = 0
    }

    /// How many wait.
    var count: Int { waits.withLock { $0.buckets.values.reduce(0) { $0 + $1.count } } }

    private static let bucketMilliseconds: Int64 = 100
    private let waits = Mutex(Waits())

    /// Has `action` run once `deadline` (milliseconds since 1970) has passed, up to a tenth of a second late.
    func add(_ deadline: Int64, action: @escaping @Sendable () -> Void) -> Key {
        let bucket = deadline / Self.bucketMilliseconds
        return waits.withLock { waits in
            waits.nextNumber += 1
            waits.buckets[bucket, default: [:]][waits.nextNumber] = action
            return Key(bucket: bucket, number: waits.nextNumber)
        }
    }

    func remove(_ key: Key) {
        waits.withLock { waits in
            waits.buckets[key.bucket]?[key.number] = nil
            if waits.buckets[key.bucket]?.isEmpty == true { waits.buckets[key.bucket] = nil }
        }
    }

    func expire(now: Int64) {
        let current = now / Self.bucketMilliseconds
        let due = waits.withLock { waits in
            let keys = waits.buckets.keys.filter { $0 < current }
            return keys.compactMap { waits.buckets.removeValue(forKey: $0) }
        }
        for action in due.flatMap(\.values) { action() }
    }
}
