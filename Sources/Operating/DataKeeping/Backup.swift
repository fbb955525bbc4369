import Foundation
import HomeserverStoreSQLite

/// One copy of everything that a server has to keep, made while it runs.
///
/// The database is copied first: whatever it refers to in other files was there before.
package struct Backup: Sendable {
    private let data: DataFolder

    /// What a backup or a restoration is doing, with how much of it is done.
    package enum Progress: Sendable, Equatable {
        case copyingDatabase(pages: Int, of: Int)
        case copyingFiles(bytes: Int64, of: Int64)
        case checkingFiles(bytes: Int64, of: Int64)
        case checkingHistory(events: Int)
    }

    package init(of data: DataFolder) { self.data = data }

    /// - Parameters:
    ///   - target: a folder that is not there yet, or empty. It is there only once it is whole.
    ///   - createdAt: milliseconds since 1970.
    package func make(
        in target: String, createdAt: Int64, progress: (Progress) -> Void = { _ in }
    ) throws -> BackupManifest {
        let staging = try StagingFolder(for: target)
        do {
            let manifest = try fill(staging.path, createdAt: createdAt, progress: progress)
            try staging.finish()
            return manifest
        } catch {
            staging.discard()
            throw error
        }
    }

    private func fill(
        _ folder: String, createdAt: Int64, progress: (Progress) -> Void
    ) throws -> BackupManifest {
        let serverName = try data.serverName()
        let database = folder + "/" + DataFolder.databaseName
        try SQLiteBackup.copy(from: data.databasePath, to: database) { done, total in
            progress(.copyingDatabase(pages: done, of: total))
        }
        chmod(database, 0o600)
        try FileCopy.synchronize(database)
        let digest = try FileCopy.digest(database)
        var files = [
            BackupManifest.File(
                path: DataFolder.databaseName, byteCount: digest.byteCount, checksum: digest.checksum)
        ]
        let others = otherFiles()
        let total = others.reduce(0) { $0 + $1.byteCount }
        var done: Int64 = 0
        for (path, _) in others {
            let copy = folder + "/" + path
            try FileManager.default.createDirectory(
                atPath: (copy as NSString).deletingLastPathComponent, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            let digest = try FileCopy.copy(data.path + "/" + path, to: copy) { count in
                done += Int64(count)
                progress(.copyingFiles(bytes: done, of: total))
            }
            files.append(.init(path: path, byteCount: digest.byteCount, checksum: digest.checksum))
        }
        let manifest = BackupManifest(serverName: serverName.string, createdAt: createdAt, files: files)
        guard WholeFile.write(manifest.json.bytes(), to: folder + "/" + BackupManifest.name) else {
            throw BackupError("'\(folder)/\(BackupManifest.name)' cannot be written.")
        }
        return manifest
    }

    /// Everything in the folder but the database and what only a running server needs, so that whatever is kept there
    /// in later releases is in the backup too.
    private func otherFiles() -> [(path: String, byteCount: Int64)] {
        guard let walker = FileManager.default.enumerator(atPath: data.path) else { return [] }
        var files: [(path: String, byteCount: Int64)] = []
        while let path = walker.nextObject() as? String {
            let attributes = walker.fileAttributes ?? [:]
            guard attributes[.type] as? FileAttributeType == .typeRegular, path != DataFolder.lockName,
                path != BackupManifest.name,
                !path.hasPrefix(DataFolder.databaseName), !path.hasSuffix(".new")
            else { continue }
            files.append((path, (attributes[.size] as? NSNumber)?.int64Value ?? 0))
        }
        return files.sorted { $0.path < $1.path }
    }
}

/// A folder that gets its name once it is whole.
struct StagingFolder {
    let path: String
    private let target: String

    /// - Throws: when there is something at the target that would be overwritten.
    init(for target: String) throws {
        var target = target
        while target.utf8.count > 1, target.hasSuffix("/") { target.removeLast() }
        let contents = try? FileManager.default.contentsOfDirectory(atPath: target)
        guard contents?.isEmpty ?? !FileManager.default.fileExists(atPath: target) else {
            throw BackupError("'\(target)' is there already and not empty; nothing is overwritten.")
        }
        self.target = target
        path = target + ".partial"
        // What an earlier attempt left that was killed.
        try? FileManager.default.removeItem(atPath: path)
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw BackupError("the folder '\(path)' cannot be made: \(error.localizedDescription)")
        }
    }

    func finish() throws {
        try FileCopy.synchronize(path)
        // Takes the place of an empty folder too.
        guard rename(path, target) == 0 else {
            throw BackupError("'\(target)' cannot be made: \(String(cString: strerror(errno)))")
        }
        let parent = (target as NSString).deletingLastPathComponent
        try FileCopy.synchronize(parent.isEmpty ? "." : parent)
    }

    func discard() { try? FileManager.default.removeItem(atPath: path) }
}
