import Crypto
import Foundation

/// Files copied and checksummed by the block, so that their size does not matter.
enum FileCopy {
    private static let blockBytes = 1 << 20

    /// - Returns: the size and SHA-256, in hexadecimal, of what was read.
    static func digest(_ path: String, each: (Int) -> Void = { _ in }) throws -> (byteCount: Int64, checksum: String) {
        try transfer(path, to: nil, each: each)
    }

    /// Copies a file, durably, for its owner alone. As ``digest(_:each:)`` otherwise.
    static func copy(
        _ path: String, to target: String, each: (Int) -> Void = { _ in }
    ) throws -> (byteCount: Int64, checksum: String) {
        let descriptor = open(target, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw BackupError("'\(target)' cannot be made: \(String(cString: strerror(errno)))")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let result = try transfer(path, to: handle, each: each)
        try handle.synchronize()
        try handle.close()
        return result
    }

    /// Has the disk keep what a file or a folder holds.
    static func synchronize(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BackupError("'\(path)' cannot be opened.") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw BackupError("'\(path)' cannot be written to the disk.") }
    }

    private static func transfer(
        _ path: String, to target: FileHandle?, each: (Int) -> Void
    ) throws -> (byteCount: Int64, checksum: String) {
        guard let source = FileHandle(forReadingAtPath: path) else { throw BackupError("'\(path)' cannot be read.") }
        defer { try? source.close() }
        var hash = SHA256()
        var byteCount: Int64 = 0
        while let block = try source.read(upToCount: blockBytes), !block.isEmpty {
            hash.update(data: block)
            try target?.write(contentsOf: block)
            byteCount += Int64(block.count)
            each(block.count)
        }
        let digits = Array("0123456789abcdef".utf8)
        let checksum = hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return (byteCount, String(decoding: checksum, as: UTF8.self))
    }
}
