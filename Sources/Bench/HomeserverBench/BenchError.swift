/// Why a benchmark could not run or did not hold.
package struct BenchError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        /// An option's value makes no sense.
        case invalidOption
        /// No connection to the server: refused, no such host, no file descriptors left.
        case cannotConnect
        /// The server closed the connection before it had answered.
        case disconnected
        case timedOut
        /// The answer is not what the specification says, or is an error.
        case unexpectedAnswer
        /// The server kept on asking to wait.
        case rateLimited
        /// A file or a limit of the operating system.
        case system
    }

    package let code: Code
    package let reason: String

    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    package var description: String { reason }
}
