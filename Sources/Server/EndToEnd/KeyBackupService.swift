import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

/// Keeps users' room keys, encrypted by their clients.
///
/// https://spec.matrix.org/v1.19/client-server-api/#server-side-key-backups
public final class KeyBackupService: Sendable {
    private let database: any HomeserverDatabase
    private let writes: WriteQueue

    public init(database: any HomeserverDatabase, writes: WriteQueue) {
        self.database = database
        self.writes = writes
    }

    package static let maximumBackups = 50
    package static let maximumKeys: Int64 = 500_000
    private static let maximumAuthDataBytes = 65_536

    private static let unknownVersion = MatrixError.notFound("there is no such backup")

    /// A version as clients write it.
    private static func number(_ version: String) throws(MatrixError) -> Int64 {
        guard let number = Int64(version), number > 0, String(number) == version else { throw unknownVersion }
        return number
    }

    // MARK: Versions

    private static func check(algorithm: String, authData: JSONObject) throws(MatrixError) {
        guard (1...255).contains(algorithm.utf8.count), !algorithm.utf8.contains(0) else {
            throw .invalidParameter("'algorithm' must have 1 to 255 bytes, and no NUL")
        }
        guard authData.bytes().count <= maximumAuthDataBytes else {
            throw .tooLarge("'auth_data' has at most \(maximumAuthDataBytes) bytes")
        }
    }

    /// Makes a backup, which is the current one from now on. Answers its version.
    public func create(algorithm: String, authData: JSONObject, of userID: UserID) async throws -> String {
        try Self.check(algorithm: algorithm, authData: authData)
        let version = try await writes.submit { context in
            guard try context.store.keyBackupCount(of: userID) < Self.maximumBackups else {
                throw MatrixError.forbidden("there are \(Self.maximumBackups) backups; delete one first")
            }
            let version = try context.store.highestKeyBackupVersion(of: userID) + 1
            try context.store.setKeyBackup(
                KeyBackupRecord(version: version, algorithm: algorithm, authData: authData.bytes()), of: userID)
            return version
        }
        return String(version)
    }

    /// - Parameter version: nil for the current one.
    public func backup(_ version: String?, of userID: UserID) async throws -> KeyBackupRecord {
        let number = try version.map(Self.number)
        let backup = try await database.read { store in
            try number.map { try store.keyBackup($0, of: userID) } ?? store.latestKeyBackup(of: userID)
        }
        guard let backup else { throw Self.unknownVersion }
        return backup
    }

    public func update(
        _ version: String, algorithm: String, authData: JSONObject, of userID: UserID
    ) async throws {
        try Self.check(algorithm: algorithm, authData: authData)
        let number = try Self.number(version)
        try await writes.submit { context in
            guard let backup = try context.store.keyBackup(number, of: userID) else { throw Self.unknownVersion }
            guard utf8Equal(backup.algorithm, algorithm) else {
                throw MatrixError.invalidParameter("the algorithm of a backup does not change")
            }
            try context.store.setKeyBackup(
                KeyBackupRecord(
                    version: number, algorithm: algorithm, authData: authData.bytes(), etag: backup.etag,
                    keyCount: backup.keyCount), of: userID)
        }
    }

    /// Deletes a backup with its keys. One that was deleted already is no mistake.
    public func delete(_ version: String, of userID: UserID) async throws {
        let number = try Self.number(version)
        try await writes.submit { context in
            guard try number <= context.store.highestKeyBackupVersion(of: userID) else { throw Self.unknownVersion }
            try context.store.deleteKeyBackup(number, of: userID)
        }
    }

    // MARK: Keys

    /// Stores the keys that are better than those that are there, in the current backup. Answers the backup.
    ///
    /// - Throws: `M_WRONG_ROOM_KEYS_VERSION` with `current_version` when the version is not the current one.
    public func store(_ keys: [BackedUpKey], version: String, of userID: UserID) async throws -> KeyBackupRecord {
        let number = try Self.number(version)
        return try await writes.submit { context in
            guard let backup = try context.store.keyBackup(number, of: userID),
                let current = try context.store.latestKeyBackup(of: userID)
            else { throw Self.unknownVersion }
            guard current.version == number else {
                throw MatrixError(
                    403, .wrongRoomKeysVersion, "this is not the current backup",
                    details: ["current_version": .string(String(current.version))])
            }
            var (added, replaced): (Int64, Int64) = (0, 0)
            for key in keys {
                let known = try context.store.backedUpKeys(
                    .session(key.roomID, key.sessionID), version: number, of: userID
                ).first
                if let known {
                    guard key.replaces(known) else { continue }
                    replaced += 1
                } else {
                    added += 1
                }
                try context.store.setBackedUpKey(key, version: number, of: userID)
            }
            guard backup.keyCount + added <= Self.maximumKeys else {
                throw MatrixError.tooLarge("a backup has at most \(Self.maximumKeys) keys")
            }
            guard added + replaced > 0 else { return backup }
            return try Self.change(backup, count: added, of: userID, in: context)
        }
    }

    private static func change(
        _ backup: KeyBackupRecord, count: Int64, of userID: UserID, in context: WriteContext
    ) throws -> KeyBackupRecord {
        let changed = KeyBackupRecord(
            version: backup.version, algorithm: backup.algorithm, authData: backup.authData, etag: backup.etag + 1,
            keyCount: backup.keyCount + count)
        try context.store.setKeyBackup(changed, of: userID)
        return changed
    }

    public func keys(
        _ selection: BackedUpKeySelection, version: String, of userID: UserID
    ) async throws -> [BackedUpKey] {
        let number = try Self.number(version)
        return try await database.read { store in
            guard try store.keyBackup(number, of: userID) != nil else { throw Self.unknownVersion }
            return try store.backedUpKeys(selection, version: number, of: userID)
        }
    }

    /// Answers the backup as it is after that.
    public func deleteKeys(
        _ selection: BackedUpKeySelection, version: String, of userID: UserID
    ) async throws -> KeyBackupRecord {
        let number = try Self.number(version)
        return try await writes.submit { context in
            guard let backup = try context.store.keyBackup(number, of: userID) else { throw Self.unknownVersion }
            let count = try context.store.deleteBackedUpKeys(selection, version: number, of: userID)
            return count == 0 ? backup : try Self.change(backup, count: Int64(-count), of: userID, in: context)
        }
    }
}
