import CWorkCounts
import CanonicalJSON

/// Counts what an operation takes, between marks that callgrind sees too.
struct WorkCounter {
    private var operationCount: Int64 = 0
    private var regionCount: Int64 = 0
    private var allocationCount: Int64 = 0
    private var allocatedBytes: Int64 = 0

    /// Runs the body as so many operations; what happens between two calls is not counted.
    mutating func count<Value>(operations: Int, _ body: () async throws -> Value) async rethrows -> Value {
        work_counts_begin()
        let before = work_counts_allocations_now()
        let value = try await body()
        let after = work_counts_allocations_now()
        work_counts_end()
        operationCount += Int64(operations)
        regionCount += 1
        allocationCount += after.allocations - before.allocations
        allocatedBytes += after.bytes - before.bytes
        return value
    }

    /// All counts are sums; `regions` says how many of callgrind's dumps belong to them.
    var json: JSONObject {
        [
            "operations": .integer(operationCount), "regions": .integer(regionCount),
            "allocations": .integer(allocationCount), "allocated_bytes": .integer(allocatedBytes),
        ]
    }
}
