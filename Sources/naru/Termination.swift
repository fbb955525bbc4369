import Dispatch
import Foundation

/// The signals that ask the process to end.
enum Termination {
    /// Returns at the first SIGINT or SIGTERM.
    static func wait() async {
        let queue = DispatchQueue(label: "naru.signals")
        var sources: [any DispatchSourceSignal] = []
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let once = Once { continuation.resume() }
            for number in [SIGINT, SIGTERM] {
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler { once.run() }
                source.resume()
                sources.append(source)
            }
        }
        for source in sources { source.cancel() }
    }

    /// Runs its body at the first call only; all calls come from one serial queue.
    private final class Once: @unchecked Sendable {
        private var body: (() -> Void)?
        init(_ body: @escaping () -> Void) { self.body = body }
        func run() {
            body?()
            body = nil
        }
    }
}
