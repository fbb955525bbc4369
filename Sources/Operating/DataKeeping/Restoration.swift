import CanonicalJSON
import Foundation
import HomeserverStoreSQLite
import MatrixIdentifiers
import Rooms
import Rules

/// Makes a data folder of a backup, once everything in it has been checked.
package struct Restoration: Sendable {
    package let manifest: BackupManifest
    private let backup: String

    /// - Throws: when the folder holds no backup that this release knows.
    package init(from backup: String) throws {
        self.backup = backup
        guard let bytes = FileManager.default.contents(atPath: backup + "/" + BackupManifest.name) else {
            throw BackupError("there is no backup in '\(backup)': it has no \(BackupManifest.name).")
        }
        do {
            manifest = try BackupManifest(parsing: Array(bytes))
        } catch {
            throw BackupError("'\(backup)' cannot be restored: \(error)")
        }
    }

    /// - Parameter target: the data folder, which must not be there yet or be empty.
    /// - Returns: how many rooms and events were checked.
    package func restore(
        to target: String, progress: (Backup.Progress) -> Void = { _ in }
    ) async throws -> HistoryVerifier.Report {
        let staging = try StagingFolder(for: target)
        do {
            try copyFiles(to: staging.path, progress: progress)
            let report = try await check(staging.path, progress: progress)
            try SQLiteBackup.rejuvenate(staging.path + "/" + DataFolder.databaseName)
            try staging.finish()
            return report
        } catch {
            staging.discard()
            throw error
        }
    }

    private func copyFiles(to folder: String, progress: (Backup.Progress) -> Void) throws {
        let total = manifest.files.reduce(0) { $0 + $1.byteCount }
        var done: Int64 = 0
        for file in manifest.files {
            let copy = folder + "/" + file.path
            try FileManager.default.createDirectory(
                atPath: (copy as NSString).deletingLastPathComponent, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            let digest = try FileCopy.copy(backup + "/" + file.path, to: copy) { count in
                done += Int64(count)
                progress(.checkingFiles(bytes: done, of: total))
            }
            guard digest.byteCount == file.byteCount, digest.checksum == file.checksum else {
                throw BackupError("'\(file.path)' is not what was backed up: its checksum is another.")
            }
        }
    }

    private static let maximumFaultsShown = 20

    /// The database must be whole, and every event in it what this server signed.
    private func check(
        _ path: String, progress: (Backup.Progress) -> Void
    ) async throws -> HistoryVerifier.Report {
        let folder = try DataFolder(existing: path)
        let name = try folder.serverName()
        guard utf8Equal(name.string, manifest.serverName) else {
            throw BackupError("its data is that of \(name), its manifest that of \(manifest.serverName).")
        }
        let damages = try SQLiteBackup.damages(of: folder.databasePath)
        guard damages.isEmpty else {
            throw BackupError(
                "the database is damaged: " + damages.prefix(Self.maximumFaultsShown).joined(separator: "; "))
        }
        let signingKey = try folder.storedSigningKey()
        guard let key = VerifyKey(publicKey: signingKey.publicKey) else {
            throw BackupError("the signing key is broken.")
        }
        let database = try SQLiteDatabase(path: folder.databasePath)
        let report: HistoryVerifier.Report
        do {
            report = try await HistoryVerifier(
                database: database, serverName: name, keyID: signingKey.keyID, key: key
            ).verify { progress(.checkingHistory(events: $0)) }
        } catch {
            try? database.close()
            throw error
        }
        try database.close()
        guard report.faults.isEmpty else {
            let shown = report.faults.prefix(Self.maximumFaultsShown).map(\.description).joined(separator: "\n")
            throw BackupError("the history is not sound (\(report.faults.count) faults):\n\(shown)")
        }
        return report
    }
}
