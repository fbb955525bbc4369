import Foundation

/// A socket in the file system, whose path the system bounds at about a hundred bytes.
package enum LocalSocket {
    /// The longest path that fits into `sockaddr_un`, with the NUL after it.
    private static let maximumPathBytes = 103

    /// A path by which this process reaches the same socket, short enough for the system: on Linux a folder that is open
    /// has one below `/proc`. The folder stays open as long as the process lives.
    package static func shortPath(to path: String) throws(DataFolderError) -> String {
        guard path.utf8.count > maximumPathBytes else { return path }
        #if os(Linux)
            let folder = (path as NSString).deletingLastPathComponent
            let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { throw DataFolderError("data: '\(folder)' cannot be opened.") }
            return "/proc/self/fd/\(descriptor)/" + (path as NSString).lastPathComponent
        #else
            throw DataFolderError("data: the path '\(path)' is too long for a socket.")
        #endif
    }

    /// Sends bytes to whoever listens there and answers all that comes back until the end.
    ///
    /// - Throws: when nobody listens, or says nothing for as long as `timeoutSeconds`.
    package static func exchange(
        _ bytes: [UInt8], with path: String, timeoutSeconds: Int = 300
    ) throws(DataFolderError) -> [UInt8] {
        let descriptor = socket(AF_UNIX, streamSocketType, 0)
        guard descriptor >= 0 else { throw DataFolderError("no socket can be made.") }
        defer { close(descriptor) }
        var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        try connect(descriptor, to: shortPath(to: path))
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw DataFolderError("the server does not listen any more.") }
            sent += count
        }
        var answer: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &block, block.count)
            guard count >= 0 else { throw DataFolderError("the server does not answer.") }
            guard count > 0 else { return answer }
            answer += block[..<count]
        }
    }

    private static func connect(_ descriptor: Int32, to path: String) throws(DataFolderError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else {
            throw DataFolderError("the running server takes no commands: \(String(cString: strerror(errno)))")
        }
    }

    #if canImport(Glibc)
        private static let streamSocketType = Int32(SOCK_STREAM.rawValue)
    #else
        private static let streamSocketType = SOCK_STREAM
    #endif
}
