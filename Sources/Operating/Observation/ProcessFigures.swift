import Foundation

/// What the system says of this process. Zero where it does not tell.
struct ProcessFigures: Sendable, Equatable {
    var residentBytes: Int64 = 0
    var openFileCount: Int64 = 0
    /// Since the start, user and system.
    var processorMicroseconds: Int64 = 0

    init() {
        var usage = rusage()
        getrusage(ownUsage, &usage)
        processorMicroseconds = Self.microseconds(usage.ru_utime) + Self.microseconds(usage.ru_stime)
        // /proc is Linux's; elsewhere these stay zero.
        if let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) {
            let fields = text.split(separator: " ")
            residentBytes = fields.count > 1 ? (Int64(fields[1]) ?? 0) * Int64(sysconf(Int32(_SC_PAGESIZE))) : 0
        }
        let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        openFileCount = Int64(files?.count ?? 0)
    }

    private static func microseconds(_ time: timeval) -> Int64 {
        Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_usec)
    }
}

#if canImport(Glibc)
    private let ownUsage = __rusage_who_t(RUSAGE_SELF.rawValue)
#else
    private let ownUsage = RUSAGE_SELF
#endif
