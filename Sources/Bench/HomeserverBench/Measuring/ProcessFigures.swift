#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the operating system says of a process, read from Linux's `/proc`.
package enum ProcessFigures {
    /// The process's share of memory in bytes: its proportional set size, else its resident set size.
    ///
    /// https://www.kernel.org/doc/html/latest/filesystems/proc.html
    package static func memoryBytes(of processID: Int32) throws(BenchError) -> Int {
        if let text = contents("/proc/\(processID)/smaps_rollup"), let bytes = kilobytes("Pss:", in: text) {
            return bytes * 1024
        }
        if let text = contents("/proc/\(processID)/status"), let bytes = kilobytes("VmRSS:", in: text) {
            return bytes * 1024
        }
        throw BenchError(.system, "cannot read the memory of process \(processID): is it running, and is this Linux?")
    }

    /// Processor time that the process has used since it started, in ticks of a hundredth of a second.
    package static func processorTicks(of processID: Int32) throws(BenchError) -> Int {
        guard let text = contents("/proc/\(processID)/stat"), let ticks = ticks(inStat: text) else {
            throw BenchError(.system, "cannot read the processor time of process \(processID)")
        }
        return ticks
    }

    /// The number in a line such as `Pss:   1234 kB`.
    package static func kilobytes(_ field: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(field) {
            let words = line.dropFirst(field.count).split { $0 == " " || $0 == "\t" }
            return words.first.flatMap { Int($0) }
        }
        return nil
    }

    /// User and system time of `/proc/<pid>/stat`, fields 14 and 15. The second field, the program's name in
    /// parentheses, may hold anything, so counting starts after its end.
    package static func ticks(inStat text: String) -> Int? {
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { return nil }
        return user + system
    }

    private static func contents(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { return nil }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
