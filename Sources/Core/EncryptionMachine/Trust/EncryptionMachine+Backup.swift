import CanonicalJSON
import CrossSigning
import KeyBackup
import Primitives

/// What is known of the user's key backup.
public struct BackupStatus: Sendable, Equatable {
    /// The server's name for it; nil when there is none, or the server was not asked yet.
    public let version: String?
    /// Whether this device adds its sessions to it.
    public let isTrusted: Bool
    /// Whether this device can read it.
    public let canRestore: Bool
    /// Sessions that are not in it yet.
    public let sessionsToUpload: Int
}

/// https://spec.matrix.org/v1.19/client-server-api/#server-side-key-backups
extension EncryptionMachine {
    /// Sessions in one request.
    private static var sessionsInUpload: Int { 100 }
    private static var versionPath: String { "/_matrix/client/v3/room_keys/version" }
    /// How a session stands in the table of those to be uploaded: waiting, or in a request that is under way.
    private static var waiting: [UInt8] { [1] }
    private static var underWay: [UInt8] { [2] }

    public var backupStatus: BackupStatus {
        let record = backupRecord
        return BackupStatus(
            version: record.version, isTrusted: record.isTrusted, canRestore: record.usableKey != nil,
            sessionsToUpload: store.all(in: .sessionsToBackUp).count)
    }

    var backupRecord: BackupRecord {
        get { store.find(BackupRecord.self, BackupRecord.key) ?? BackupRecord() }
        set { store.write(newValue, BackupRecord.key) }
    }

    // MARK: The backup itself

    /// Makes a new backup, which takes the place of any other. All sessions are uploaded to it.
    public func makeBackup() {
        for number in work.numbers(of: .other) where isMakingBackup(number) { removeRequest(number) }
        let key = BackupDecryptionKey(random: random)
        var record = BackupRecord()
        record.decryptionKey = key.bytes
        store.write(record, BackupRecord.pendingKey)
        let body = BackupVersion.creationBody(
            for: key.encryptionKey, userID: userID, master: usableSecrets.master,
            signedByDevice: { signedByDevice($0) })
        enqueue(
            RequestRecord(
                kind: .other, method: .post, path: Self.versionPath, body: body.bytes(),
                context: trustContext(.makeBackup).bytes))
    }

    private func isMakingBackup(_ number: UInt64) -> Bool {
        guard let record = store.find(RequestRecord.self, recordKey(number)) else { return false }
        return record.context.count >= 2 && record.context[1] == TrustPurpose.makeBackup.rawValue
    }

    func backupWasMade(_ answer: JSONObject) throws(MachineError) -> [MachineNews] {
        guard let version = answer.string("version") else {
            throw MachineError(.malformed, "the answer has no 'version'")
        }
        guard var record = store.find(BackupRecord.self, BackupRecord.pendingKey), let key = record.key else {
            return []
        }
        store.remove(BackupRecord.self, BackupRecord.pendingKey)
        record.version = version
        record.publicKey = key.encryptionKey.publicKey.base64
        record.isTrusted = true
        backupRecord = record
        noteAllForBackup()
        return [.backupChanged]
    }

    /// Asks the server for the backup, such as after a sign-in; then it is used if it is trusted.
    public func checkBackup() {
        enqueue(
            RequestRecord(
                kind: .other, method: .get, path: Self.versionPath, body: [],
                context: trustContext(.checkBackup).bytes))
    }

    func receiveBackupVersion(_ answer: JSONObject) -> [MachineNews] {
        let version: BackupVersion
        do throws(KeyBackupError) { version = try BackupVersion(json: answer) } catch {
            return backupIsGone(version: nil)
        }
        var record = backupRecord
        let before = record.bytes
        let isOther = !(record.version.map { utf8Equal($0, version.version) } ?? false)
        record.version = version.version
        record.publicKey = version.encryptionKey.publicKey.base64
        record.isTrusted = trust(in: version, key: record.key).allowsWriting
        guard record.bytes != before else { return [] }
        backupRecord = record
        if isOther, record.isTrusted { noteAllForBackup() }
        return [.backupChanged]
    }

    private func trust(in version: BackupVersion, key: BackupDecryptionKey?) -> BackupTrust {
        let own = identityRecord(of: userID)
        let isVerified = own.map { state(of: $0, user: userID) == .verified } ?? false
        var devices: [(deviceID: String, key: Ed25519Key)] = []
        for record in deviceRecords(of: userID) where trust(of: record) == .verified {
            if let key = Ed25519Key(base64: record.ed25519Key) { devices.append((record.deviceID, key)) }
        }
        return version.trust(
            userID: userID, master: isVerified ? own.flatMap { Ed25519Key(base64: $0.masterKey) } : nil,
            devices: devices, decryptionKey: key)
    }

    /// A key from the person or from a verified device.
    ///
    /// - Returns: whether it can be the backup's.
    func take(backupKey key: BackupDecryptionKey) -> Bool {
        var record = backupRecord
        if let publicKey = record.publicKey {
            guard utf8Equal(publicKey, key.encryptionKey.publicKey.base64) else { return false }
            if !record.isTrusted { noteAllForBackup() }
            record.isTrusted = true
        } else {
            // Which backup there is has not been asked yet.
            checkBackup()
        }
        record.decryptionKey = key.bytes
        backupRecord = record
        return true
    }

    /// The person does not want a backup any more: it is deleted on the server.
    public func deleteBackup() {
        guard let version = backupRecord.version else { return }
        var context = trustContext(.deleteBackup)
        context.write(version)
        enqueue(
            RequestRecord(
                kind: .other, method: .delete, path: Self.versionPath + "/" + percentEncoded(version), body: [],
                context: context.bytes))
    }

    /// The server has no backup, or the person has deleted this one.
    func backupIsGone(version: String?) -> [MachineNews] {
        var record = backupRecord
        guard let known = record.version else { return [] }
        if let version {
            guard utf8Equal(version, known) else { return [] }
            record.decryptionKey = []
        }
        record.version = nil
        record.publicKey = nil
        record.isTrusted = false
        backupRecord = record
        for number in work.numbers(of: .uploadBackup) { removeRequest(number) }
        setBackupState(Self.waiting, ofThose: Self.underWay)
        return [.backupChanged]
    }

    // MARK: Uploading

    private func noteAllForBackup() {
        for (key, _) in store.findAll(InboundSessionRecord.self) {
            let parts = recordKeyParts(key)
            if parts.count >= 2 { store.set(Self.waiting, in: .sessionsToBackUp, key: recordKey(parts[0], parts[1])) }
        }
    }

    /// One request at a time, with the next sessions that are not in the backup.
    func makeBackupUpload() {
        guard !work.has(.uploadBackup) else { return }
        let record = backupRecord
        guard record.isTrusted, let version = record.version,
            let key = record.publicKey.flatMap({ Curve25519Key(base64: $0) })
        else { return }
        var sessions: [BackedUpSession] = []
        for (name, state) in store.all(in: .sessionsToBackUp) where state == Self.waiting {
            guard sessions.count < Self.sessionsInUpload else { break }
            let parts = recordKeyParts(name)
            guard parts.count == 2, let session = backedUp(parts[1], in: parts[0], for: BackupEncryptionKey(key)) else {
                store.set(nil, in: .sessionsToBackUp, key: name)
                continue
            }
            store.set(Self.underWay, in: .sessionsToBackUp, key: name)
            sessions.append(session)
        }
        guard !sessions.isEmpty else { return }
        var context = trustContext(.uploadBackup)
        context.write(version)
        enqueue(
            RequestRecord(
                kind: .uploadBackup, method: .put,
                path: "/_matrix/client/v3/room_keys/keys?version=" + percentEncoded(version),
                body: BackedUpSession.uploadBody(sessions).bytes(), context: context.bytes))
    }

    private func backedUp(_ sessionID: String, in room: String, for key: BackupEncryptionKey) -> BackedUpSession? {
        guard let session = exportedSession(sessionID, in: room) else { return nil }
        let isVerified = knownSession(sessionID, in: room)?.origin.isAuthentic ?? false
        do throws(KeyBackupError) {
            return try BackedUpSession(session, isVerified: isVerified, for: key, random: random)
        } catch {
            return nil
        }
    }

    /// What was in the request is in the backup, but for sessions that have become better meanwhile.
    func sessionsWereBackedUp(version: String) -> [MachineNews] {
        setBackupState(nil, ofThose: Self.underWay)
        return []
    }

    /// Another device has made another backup, or this one is gone: the server is asked.
    func backupUploadWasRefused(version: String) {
        setBackupState(Self.waiting, ofThose: Self.underWay)
        var record = backupRecord
        record.isTrusted = false
        backupRecord = record
        checkBackup()
    }

    private func setBackupState(_ state: [UInt8]?, ofThose current: [UInt8]) {
        for (key, value) in store.all(in: .sessionsToBackUp) where value == current {
            store.set(state, in: .sessionsToBackUp, key: key)
        }
    }

    // MARK: Restoring

    /// Fetches the sessions of one room or of all; ``MachineNews/backupRestored(sessions:unreadable:)`` follows.
    ///
    /// - Throws: ``MachineError/Code/untrusted`` when this device has not the backup's key.
    public func restoreBackup(of room: String? = nil) throws(MachineError) {
        let record = backupRecord
        guard record.usableKey != nil, let version = record.version else {
            throw MachineError(.untrusted, "this device has not the backup's key")
        }
        var context = trustContext(.restoreBackup)
        context.write(room)
        let path = "/_matrix/client/v3/room_keys/keys" + (room.map { "/" + percentEncoded($0) } ?? "")
        enqueue(
            RequestRecord(
                kind: .other, method: .get, path: path + "?version=" + percentEncoded(version), body: [],
                context: context.bytes))
    }

    func receiveBackup(_ answer: JSONObject, room: String?) -> [MachineNews] {
        guard let key = backupRecord.usableKey else { return [] }
        let (sessions, unreadable) = BackedUpSession.decryptAll(answer, roomID: room, with: key)
        var fresh: [[UInt8]] = []
        for session in sessions {
            guard let room = session.string("room_id"), let sessionID = session.string("session_id") else { continue }
            let name = recordKey(room, sessionID)
            if store.value(in: .sessionsToBackUp, key: name) == nil { fresh.append(name) }
        }
        let news = importSessions(sessions, origin: .backup)
        // They come from there: they need not go back.
        for name in fresh where store.value(in: .sessionsToBackUp, key: name) != nil {
            store.set(nil, in: .sessionsToBackUp, key: name)
        }
        return news + [.backupRestored(sessions: sessions.count, unreadable: unreadable)]
    }
}
