import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What comes from the terminal.
package enum DeviceEvent: Sendable, Equatable {
    case bytes([UInt8])
    /// Nothing more has come for a while: an escape that was read is the key.
    case pause
    case resized
    /// The process goes on after it was stopped; the screen is to be drawn anew.
    case resumed
    /// Somebody outside asks to stop for a while, as Ctrl-Z does.
    case stopRequested
    /// The terminal is gone, or the process is asked to end.
    case ended
}

/// The terminal of this process, as a screen: no echo, each key at once, a page of its own that goes away at the end.
///
/// One per process: a process has one terminal and one set of signal handlers.
package final class TerminalDevice: Sendable {
    private static let pauseMilliseconds: Int32 = 50
    private static let enter =
        "\u{1B}[?1049h\u{1B}[?7l\u{1B}[?2004h\u{1B}[?25l\u{1B}[2J\u{1B}]11;?\u{7}"
    private static let leave = "\u{1B}[0m\u{1B}[?2004l\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    private struct Modes {
        var original: termios
        var isEntered = false
        var isStopped = false
    }

    private let modes: Mutex<Modes>
    private let wake: (read: Int32, write: Int32)

    /// Whether both the keyboard and the screen are there.
    package static var isAvailable: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

    /// Nil when this process has no terminal.
    package init?() {
        var original = termios()
        guard Self.isAvailable, tcgetattr(STDIN_FILENO, &original) == 0 else { return nil }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        wake = (ends[0], ends[1])
        modes = Mutex(Modes(original: original))
        TerminalRescue.watch(ends[1])
    }

    // MARK: The screen

    /// Takes the screen.
    package func enter() {
        modes.withLock { modes in
            guard !modes.isEntered else { return }
            modes.isEntered = true
            TerminalRescue.arm(modes.original, sequence: Array(Self.leave.utf8))
            var raw = modes.original
            cfmakeraw(&raw)
            tcsetattr(STDIN_FILENO, TCSANOW, &raw)
            write(Array(Self.enter.utf8))
        }
    }

    /// Gives the screen back as it was.
    package func leave() {
        modes.withLock { modes in
            guard modes.isEntered else { return }
            modes.isEntered = false
            TerminalRescue.restore()
            TerminalRescue.disarm()
        }
    }

    /// Gives the screen back and stops until the shell lets the process go on.
    package func suspend() {
        leave()
        modes.withLock { $0.isStopped = true }
        _ = signal(SIGTSTP, SIG_DFL)
        // The group, as the terminal itself does it: programs beside this one in a pipeline stop too.
        kill(0, SIGTSTP)
    }

    package func size() -> ScreenSize {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return ScreenSize(columns: 80, rows: 24)
        }
        return ScreenSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }

    /// Writes all of the bytes; what a terminal that is gone does not take is lost.
    package func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var poll = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                _ = systemPoll(&poll, 1, 1000)
            } else if errno != EINTR {
                return
            }
        }
    }

    // MARK: The keyboard

    /// Everything that comes, until the terminal is gone. To be called once.
    package func events() -> AsyncStream<DeviceEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: DeviceEvent.self)
        // A thread of its own: reading waits.
        DispatchQueue(label: "naru.terminal").async { [self] in
            while listen(continuation) {}
            continuation.finish()
        }
        return stream
    }

    /// Waits for the next thing; false at the end.
    private func listen(_ continuation: AsyncStream<DeviceEvent>.Continuation) -> Bool {
        let isStopped = modes.withLock { $0.isStopped }
        var polls = [
            pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0),
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        ]
        // Where nobody could wake a stopped process, the system does not stop it: then nothing has come by now.
        let ready = systemPoll(&polls, isStopped ? 1 : 2, isStopped ? 300 : -1)
        if ready < 0 { return errno == EINTR }
        if ready == 0, isStopped { resume(continuation) }
        if polls[0].revents != 0, !takeNotes(continuation) { return false }
        return isStopped || polls[1].revents == 0 || takeInput(continuation)
    }

    private func takeNotes(_ continuation: AsyncStream<DeviceEvent>.Continuation) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(wake.read, &bytes, bytes.count)
        for byte in bytes.prefix(max(count, 0)) {
            switch TerminalRescue.Note(rawValue: byte) {
            case .resized: continuation.yield(.resized)
            case .continued: resume(continuation)
            case .stopped: continuation.yield(.stopRequested)
            case .ended:
                continuation.yield(.ended)
                return false
            case nil: break
            }
        }
        return true
    }

    /// Takes the screen again: whoever had it in between may have left it in any state.
    private func resume(_ continuation: AsyncStream<DeviceEvent>.Continuation) {
        modes.withLock { $0.isStopped = false }
        TerminalRescue.watchStops()
        leave()
        enter()
        continuation.yield(.resumed)
    }

    private func takeInput(_ continuation: AsyncStream<DeviceEvent>.Continuation) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        guard count > 0 else {
            if count < 0, errno == EINTR || errno == EAGAIN { return true }
            continuation.yield(.ended)
            return false
        }
        continuation.yield(.bytes(Array(bytes.prefix(count))))
        var poll = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        if systemPoll(&poll, 1, Self.pauseMilliseconds) == 0 { continuation.yield(.pause) }
        return true
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}

private func systemPoll(_ polls: UnsafeMutablePointer<pollfd>, _ count: Int, _ milliseconds: Int32) -> Int32 {
    poll(polls, nfds_t(count), milliseconds)
}
