/// A user whose devices are tracked.
///
/// https://spec.matrix.org/v1.19/client-server-api/#tracking-the-device-list-for-a-user
struct TrackedUserRecord: StoredRecord {
    static var table: RecordTable { .trackedUsers }

    /// The number given when the list was last marked outdated; 0 when it is up to date. An answer to a query clears
    /// it only if the query was made after the mark.
    var outdatedSince: UInt64
    /// After a failed query: not to be asked again before this time.
    var retryAt: Int64
    /// Failed queries since the last that was answered.
    var failures: UInt8
    /// Whether any query was answered.
    var wasAnswered: Bool

    static func key(_ user: String) -> [UInt8] { recordKey(user) }

    init(outdatedSince: UInt64) {
        self.outdatedSince = outdatedSince
        retryAt = 0
        failures = 0
        wasAnswered = false
    }

    init(from reader: inout RecordReader) throws(MachineError) {
        outdatedSince = try reader.uint64()
        retryAt = try reader.int64()
        failures = try reader.uint8()
        wasAnswered = try reader.bool()
    }

    func write(to writer: inout RecordWriter) {
        writer.write(outdatedSince)
        writer.write(retryAt)
        writer.write(failures)
        writer.write(wasAnswered)
    }

    var isOutdated: Bool { outdatedSince != 0 }

    /// Waits 10 seconds after the first failure, at most about three hours after many.
    mutating func fail(at time: Int64) {
        let exponent = min(failures, 10)
        retryAt = time &+ 10_000 << Int64(exponent)
        failures = min(failures, 254) + 1
    }
}
