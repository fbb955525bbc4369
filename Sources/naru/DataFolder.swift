import ArgumentParser
import Foundation
import MatrixIdentifiers
import Rules
import UnpaddedBase64

/// The folder with everything a server has to keep: the database and the signing key.
struct DataFolder {
    let path: String

    /// Makes the folder if need be, readable by its owner alone.
    init(path: String) throws {
        self.path = path
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ValidationError("--data: the folder '\(path)' cannot be made: \(error.localizedDescription)")
        }
    }

    /// For commands that read what is there.
    init(existing path: String) throws {
        self.path = path
        guard FileManager.default.fileExists(atPath: databasePath) else {
            throw ValidationError("--data: there is no Naru database in '\(path)'.")
        }
    }

    var databasePath: String { path + "/naru.sqlite" }
    private var keyPath: String { path + "/signing.key" }
    private var namePath: String { path + "/server-name" }

    /// The name of the server whose data is in a folder; nil before its first start.
    static func serverName(in path: String) -> ServerName? {
        let text = try? String(contentsOfFile: path + "/server-name", encoding: .utf8)
        return text.flatMap { ServerName($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    /// Keeps the name at the first start and refuses another later: it is in every user ID and every signature.
    func claim(for name: ServerName) throws {
        if let present = Self.serverName(in: path) {
            guard present == name else {
                throw ValidationError(
                    "--server-name: the data in '\(path)' is that of \(present), and a server's name can never change.")
            }
        } else if !Self.write("\(name)\n", to: namePath) {
            throw ValidationError("--data: '\(namePath)' cannot be written.")
        }
    }

    /// The key that signs events: made at the first start, and then kept, since others know the server by it.
    ///
    /// The file's one line is `ed25519 VERSION SEED`, the form that other homeservers use.
    func signingKey() throws -> SigningKey {
        if let text = try? String(contentsOfFile: keyPath, encoding: .utf8) {
            let parts = text.split(whereSeparator: \.isWhitespace)
            guard parts.count == 3, parts[0] == "ed25519", let seed = UnpaddedBase64.decode(String(parts[2])) else {
                throw ValidationError("--data: '\(keyPath)' is not a signing key.")
            }
            return try SigningKey(seed: seed, version: String(parts[1]))
        }
        let version = String(UInt32.random(in: 0...UInt32.max), radix: 36)
        let key = SigningKey.generate(version: version)
        let line = "ed25519 \(version) \(UnpaddedBase64.encode(key.seed))\n"
        guard Self.write(line, to: keyPath) else { throw ValidationError("--data: '\(keyPath)' cannot be written.") }
        return key
    }

    /// Writes a file for its owner alone, whole or not at all: a power cut must not leave half a key.
    private static func write(_ text: String, to path: String) -> Bool {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        return Foundation.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
            && rename(temporary, path) == 0
    }

    /// Keeps a second server away from the folder as long as this process lives.
    func lock() throws {
        let descriptor = open(path + "/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ValidationError("--data: '\(path)' cannot be written.") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw ValidationError("--data: another naru is using '\(path)'.")
        }
    }
}
