import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One line on standard error that is written over and over; nothing when that is not a terminal.
package final class TerminalProgress: ProgressDisplay {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let shown = Mutex("")

    package init() {}

    package func show(_ text: String) {
        guard isTerminal else { return }
        shown.withLock { shown in
            guard shown != text else { return }
            shown = text
            write("\r\u{1B}[K\(text)")
        }
    }

    package func clear() {
        guard isTerminal else { return }
        shown.withLock { shown in
            shown = ""
            write("\r\u{1B}[K")
        }
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { unsafe in
            #if canImport(Darwin)
                Darwin.write(STDERR_FILENO, unsafe.baseAddress, unsafe.count)
            #elseif canImport(Glibc)
                Glibc.write(STDERR_FILENO, unsafe.baseAddress, unsafe.count)
            #else
                Musl.write(STDERR_FILENO, unsafe.baseAddress, unsafe.count)
            #endif
        }
    }
}
