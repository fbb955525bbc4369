#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What puts the terminal right whatever becomes of the process: at its end, in a crash, by a signal.
///
/// Signal handlers may do next to nothing, so what they need lies ready here: plain values, set before the handlers
/// are, and changed only while none of them is in place or by the one thread that owns the device.
enum TerminalRescue {
    private nonisolated(unsafe) static var saved = termios()
    private nonisolated(unsafe) static var isSaved = false
    private nonisolated(unsafe) static var leaving: UnsafeMutablePointer<UInt8>?
    private nonisolated(unsafe) static var leavingCount = 0
    private nonisolated(unsafe) static var wakeDescriptor: Int32 = -1
    private nonisolated(unsafe) static var hasExitHandler = false

    /// The signals that say that something is wrong with the process itself.
    private static let crashes = [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE]

    /// What a signal writes into the pipe.
    enum Note: UInt8 {
        case resized = 1
        case continued, stopped, ended
    }

    /// Has the terminal put back from now on to `modes`, with `sequence` written first.
    static func arm(_ modes: termios, sequence: [UInt8]) {
        disarm()
        saved = modes
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: max(sequence.count, 1))
        bytes.initialize(repeating: 0, count: max(sequence.count, 1))
        for (index, byte) in sequence.enumerated() { bytes[index] = byte }
        (leaving, leavingCount) = (bytes, sequence.count)
        isSaved = true
        if !hasExitHandler {
            hasExitHandler = true
            atexit { TerminalRescue.restore() }
        }
        for number in crashes {
            var action = sigaction()
            // The second time, the system does what it would have done.
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | Int32(SA_NODEFER)
            #if canImport(Glibc)
                action.__sigaction_handler.sa_handler = { number in
                    TerminalRescue.restore()
                    raise(number)
                }
            #else
                action.__sigaction_u.__sa_handler = { number in
                    TerminalRescue.restore()
                    raise(number)
                }
            #endif
            sigaction(number, &action, nil)
        }
    }

    /// Forgets the terminal: it is as it was.
    static func disarm() {
        isSaved = false
        leaving?.deallocate()
        (leaving, leavingCount) = (nil, 0)
    }

    /// Puts the terminal back. Only calls that a signal handler may make.
    static func restore() {
        guard isSaved else { return }
        isSaved = false
        if let leaving { _ = write(STDOUT_FILENO, leaving, leavingCount) }
        tcsetattr(STDIN_FILENO, TCSANOW, &saved)
    }

    /// Writes a note for each signal that concerns a screen.
    static func watch(_ descriptor: Int32) {
        wakeDescriptor = descriptor
        func handle(_ number: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
            _ = signal(number, handler)
        }
        handle(SIGWINCH) { _ in TerminalRescue.note(.resized) }
        handle(SIGCONT) { _ in TerminalRescue.note(.continued) }
        for number in [SIGTERM, SIGHUP, SIGINT] { handle(number) { _ in TerminalRescue.note(.ended) } }
        _ = signal(SIGPIPE, SIG_IGN)
        watchStops()
    }

    static func watchStops() {
        _ = signal(SIGTSTP) { _ in TerminalRescue.note(.stopped) }
    }

    private static func note(_ note: Note) {
        // What the interrupted code finds in errno must be its own.
        let kept = errno
        var byte = note.rawValue
        _ = write(wakeDescriptor, &byte, 1)
        errno = kept
    }
}
