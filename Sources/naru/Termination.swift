import Dispatch
import Foundation

/// The signals that ask the process to end: SIGINT and SIGTERM.
///
/// A handler that writes to a pipe, so that a signal is kept from the moment of ``prepare()`` on, whoever waits when.
enum Termination {
    /// The pipe's ends: set once, before the handlers that use them are in place.
    private nonisolated(unsafe) static var pipe: (read: Int32, write: Int32) = (-1, -1)

    /// Has the signals kept from now on.
    static func prepare() {
        var ends: [Int32] = [-1, -1]
        guard Foundation.pipe(&ends) == 0 else { return }
        pipe = (ends[0], ends[1])
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in
                var byte: UInt8 = 1
                _ = write(Termination.pipe.write, &byte, 1)
            }
        }
    }

    /// Returns when a signal has come.
    static func wait() async {
        let descriptor = pipe.read
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            DispatchQueue(label: "naru.termination").async {
                var byte: UInt8 = 0
                while read(descriptor, &byte, 1) < 0, errno == EINTR {}
                continuation.resume()
            }
        }
    }
}
