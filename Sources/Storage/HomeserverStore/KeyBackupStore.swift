import MatrixIdentifiers

/// A backup of a user's room keys.
public struct KeyBackupRecord: Sendable, Equatable {
    public let version: Int64
    public let algorithm: String
    /// JSON as bytes.
    public let authData: [UInt8]
    /// Grows with every change of the keys.
    public let etag: Int64
    public let keyCount: Int64

    public init(version: Int64, algorithm: String, authData: [UInt8], etag: Int64 = 0, keyCount: Int64 = 0) {
        self.version = version
        self.algorithm = algorithm
        self.authData = authData
        self.etag = etag
        self.keyCount = keyCount
    }
}

/// The key of a Megolm session, encrypted by the client.
public struct BackedUpKey: Sendable, Equatable {
    public let roomID: RoomID
    public let sessionID: String
    public let firstMessageIndex: Int64
    public let forwardedCount: Int64
    public let isVerified: Bool
    /// JSON as bytes.
    public let sessionData: [UInt8]

    public init(
        roomID: RoomID, sessionID: String, firstMessageIndex: Int64, forwardedCount: Int64, isVerified: Bool,
        sessionData: [UInt8]
    ) {
        self.roomID = roomID
        self.sessionID = sessionID
        self.firstMessageIndex = firstMessageIndex
        self.forwardedCount = forwardedCount
        self.isVerified = isVerified
        self.sessionData = sessionData
    }
}

/// Which of a backup's keys.
public enum BackedUpKeySelection: Sendable {
    case all
    case room(RoomID)
    case session(RoomID, String)
}

/// Backups of room keys, by user and version.
public protocol KeyBackupReader {
    func keyBackup(_ version: Int64, of userID: UserID) throws -> KeyBackupRecord?
    /// The latest that has not been deleted.
    func latestKeyBackup(of userID: UserID) throws -> KeyBackupRecord?
    func keyBackupCount(of userID: UserID) throws -> Int
    /// The highest version ever given out; 0 before the first.
    func highestKeyBackupVersion(of userID: UserID) throws -> Int64
    /// In the order of rooms and sessions.
    func backedUpKeys(_ selection: BackedUpKeySelection, version: Int64, of userID: UserID) throws -> [BackedUpKey]
}

public protocol KeyBackupWriter: KeyBackupReader {
    /// Makes a backup, whose version is new, or changes its data.
    func setKeyBackup(_ backup: KeyBackupRecord, of userID: UserID) throws
    /// Deletes a backup with its keys.
    func deleteKeyBackup(_ version: Int64, of userID: UserID) throws
    func setBackedUpKey(_ key: BackedUpKey, version: Int64, of userID: UserID) throws
    /// Answers how many were deleted.
    func deleteBackedUpKeys(_ selection: BackedUpKeySelection, version: Int64, of userID: UserID) throws -> Int
}
