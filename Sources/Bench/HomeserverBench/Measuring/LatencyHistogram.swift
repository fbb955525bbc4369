/// Counts durations in buckets of a fixed relative width, so that memory stays the same however many are recorded.
///
/// Log-linear: every power of two is cut into ``subBucketCount`` buckets of equal width. A value is answered as the
/// middle of its bucket, at most 1/256 (0.4 %) away from what was recorded.
package struct LatencyHistogram: Sendable, Equatable {
    /// Buckets per power of two; a power of two itself.
    package static let subBucketCount = 128
    private static let subBucketBits = 7
    /// 2^42 ns are 73 minutes; whatever is longer counts as that.
    private static let largestExponent = 41
    private static let bucketCount = (largestExponent - subBucketBits + 2) * subBucketCount

    private var counts = [UInt64](repeating: 0, count: bucketCount)
    package private(set) var count: UInt64 = 0
    /// Exact, in nanoseconds; 0 when nothing was recorded.
    package private(set) var maximumNanoseconds: UInt64 = 0

    package init() {}

    package mutating func record(nanoseconds: UInt64) {
        counts[Self.bucket(of: nanoseconds)] += 1
        count += 1
        maximumNanoseconds = max(maximumNanoseconds, nanoseconds)
    }

    package mutating func merge(_ other: LatencyHistogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        maximumNanoseconds = max(maximumNanoseconds, other.maximumNanoseconds)
    }

    /// The smallest recorded value that at least `percent` of the values do not exceed (nearest rank), within 0.4 %.
    ///
    /// - Returns: nanoseconds, or nil when nothing was recorded.
    package func percentile(_ percent: Double) -> UInt64? {
        guard count > 0 else { return nil }
        let rank = min(count, max(1, UInt64((Double(count) * percent / 100).rounded(.up))))
        if rank == count { return maximumNanoseconds }
        var passed: UInt64 = 0
        for (index, number) in counts.enumerated() {
            passed += number
            if passed >= rank { return min(Self.middle(of: index), maximumNanoseconds) }
        }
        return maximumNanoseconds
    }

    /// Values below 2 · ``subBucketCount`` have a bucket each; above, the top eight bits name the bucket.
    private static func bucket(of nanoseconds: UInt64) -> Int {
        let value = min(nanoseconds, (1 << (largestExponent + 1)) - 1)
        let exponent = max(subBucketBits, 63 - value.leadingZeroBitCount)
        let shift = exponent - subBucketBits
        return shift * subBucketCount + Int(value >> UInt64(shift))
    }

    private static func middle(of bucket: Int) -> UInt64 {
        guard bucket >= 2 * subBucketCount else { return UInt64(bucket) }
        let shift = bucket / subBucketCount - 1
        let lower = UInt64(bucket - shift * subBucketCount) << UInt64(shift)
        return lower + (1 << UInt64(shift)) / 2
    }
}
