#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Asks for what nobody should see: nothing is shown while it is typed.
package enum SecretPrompt {
    /// The line without its end; nil at the end of the input. Without a terminal, a line is read as it is.
    package static func ask(_ question: String) -> String? {
        var original = termios()
        guard tcgetattr(STDIN_FILENO, &original) == 0 else { return readLine() }
        var silent = original
        silent.c_lflag &= ~tcflag_t(ECHO)
        TerminalRescue.arm(original, sequence: [0x0A])
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        show(question)
        let line = readLine()
        TerminalRescue.restore()
        TerminalRescue.disarm()
        return line
    }

    /// The same for what may be seen.
    package static func askOpenly(_ question: String) -> String? {
        if isatty(STDIN_FILENO) == 1 { show(question) }
        return readLine()
    }

    /// On the terminal, not in the output, which may be a file.
    private static func show(_ question: String) {
        let bytes = Array("\(question): ".utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
