import Foundation

/// A bar on the terminal; nothing where there is none, as under cron.
final class ProgressBar {
    private static let width = 30
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var shown = ""

    func show(_ label: String, done: Int64, of total: Int64) {
        let share = total > 0 ? min(1, Double(done) / Double(total)) : 1
        let filled = Int(share * Double(Self.width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
        write("\(label) \(bar) \(Int(share * 100)) %")
    }

    func show(_ text: String) { write(text) }

    /// Leaves the line empty for what comes next.
    func clear() {
        guard isTerminal, !shown.isEmpty else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    }

    private func write(_ line: String) {
        // The same line again would be thousands of writes.
        guard isTerminal, line != shown else { return }
        shown = line
        FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
    }
}
