#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Raises this process's limit of open files so that it can hold `connectionCount` connections.
package func raiseOpenFileLimit(toHold connectionCount: Int) throws(BenchError) {
    let needed = rlim_t(connectionCount + 100)
    #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        let resource = RLIMIT_NOFILE
    #endif
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else {
        throw BenchError(.system, "cannot read the limit of open files: \(systemMessage(errno))")
    }
    guard limit.rlim_cur < needed else { return }
    limit.rlim_cur = needed
    limit.rlim_max = max(limit.rlim_max, needed)
    guard setrlimit(resource, &limit) == 0 else {
        throw BenchError(
            .system,
            "\(connectionCount) connections need \(needed) open files, and the limit cannot be raised: "
                + "\(systemMessage(errno)) (ulimit -Hn shows the most that is allowed)")
    }
}
