import Foundation
import MatrixIdentifiers
import Rules
import UnpaddedBase64

/// What is wrong with a folder of data, for the operator.
package struct DataFolderError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// The folder with everything a server has to keep: the database and the signing key.
package struct DataFolder: Sendable {
    package let path: String

    /// Makes the folder if need be, readable by its owner alone.
    package init(path: String) throws(DataFolderError) {
        self.path = path
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw DataFolderError("data: the folder '\(path)' cannot be made: \(error.localizedDescription)")
        }
    }

    /// For commands that read what is there.
    package init(existing path: String) throws(DataFolderError) {
        self.path = path
        guard FileManager.default.fileExists(atPath: databasePath) else {
            throw DataFolderError("data: there is no Naru database in '\(path)'.")
        }
    }

    package static let databaseName = "naru.sqlite"

    package var databasePath: String { path + "/" + Self.databaseName }
    /// Where the running server takes its operator's commands.
    package var adminSocketPath: String { path + "/" + Self.adminSocketName }
    private var keyPath: String { path + "/signing.key" }
    private var namePath: String { path + "/server-name" }

    static let lockName = "lock"
    static let adminSocketName = "admin.socket"

    /// The name of the server whose data is in a folder; nil before its first start.
    package static func serverName(in path: String) -> ServerName? {
        let text = try? String(contentsOfFile: path + "/server-name", encoding: .utf8)
        return text.flatMap { ServerName($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    /// As ``serverName(in:)``, where there must be one.
    package func serverName() throws(DataFolderError) -> ServerName {
        guard let name = Self.serverName(in: path) else {
            throw DataFolderError("data: the folder '\(path)' does not say whose it is.")
        }
        return name
    }

    /// Keeps the name at the first start and refuses another later: it is in every user ID and every signature.
    package func claim(for name: ServerName) throws(DataFolderError) {
        if let present = Self.serverName(in: path) {
            guard present == name else {
                throw DataFolderError(
                    "server-name: the data in '\(path)' is that of \(present), and a server's name can never change.")
            }
        } else if !WholeFile.write(Array("\(name)\n".utf8), to: namePath) {
            throw DataFolderError("data: '\(namePath)' cannot be written.")
        }
    }

    /// The key that signs events: made at the first start, and then kept, since others know the server by it.
    ///
    /// The file's one line is `ed25519 VERSION SEED`, the form that other homeservers use.
    ///
    /// - Parameter makeVersion: a short name for a new key.
    package func signingKey(makeVersion: () -> String) throws(DataFolderError) -> SigningKey {
        if FileManager.default.fileExists(atPath: keyPath) { return try storedSigningKey() }
        let version = makeVersion()
        let key = SigningKey.generate(version: version)
        let line = "ed25519 \(version) \(UnpaddedBase64.encode(key.seed))\n"
        guard WholeFile.write(Array(line.utf8), to: keyPath) else {
            throw DataFolderError("data: '\(keyPath)' cannot be written.")
        }
        return key
    }

    package func storedSigningKey() throws(DataFolderError) -> SigningKey {
        let parts = (try? String(contentsOfFile: keyPath, encoding: .utf8))?.split(whereSeparator: \.isWhitespace)
        guard let parts, parts.count == 3, parts[0] == "ed25519", let seed = UnpaddedBase64.decode(String(parts[2])),
            let key = try? SigningKey(seed: seed, version: String(parts[1]))
        else { throw DataFolderError("data: '\(keyPath)' is not a signing key.") }
        return key
    }

    /// Keeps a second server away from the folder as long as this process lives.
    ///
    /// - Parameter keepsLock: false only looks whether another process is using it.
    /// - Returns: false when another process is using it.
    package func tryLock(keepsLock: Bool = true) throws(DataFolderError) -> Bool {
        let descriptor = open(path + "/" + Self.lockName, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DataFolderError("data: '\(path)' cannot be written.") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return false
        }
        if !keepsLock { close(descriptor) }
        return true
    }

    package func lock() throws(DataFolderError) {
        guard try tryLock() else { throw DataFolderError("data: another naru is using '\(path)'.") }
    }
}

/// Files that are written whole or not at all: a power cut must not leave half a key.
enum WholeFile {
    /// Writes a file for its owner alone.
    static func write(_ bytes: [UInt8], to path: String) -> Bool {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Foundation.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
            && rename(temporary, path) == 0
    }
}
