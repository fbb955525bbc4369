import CanonicalJSON
import EncryptionMachine
import KeyBackup
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers

/// Keys that outlive the device: on the server, locked, or in a file.
extension Engine {
    func setUpRecovery(passphrase: String?) async throws(ClientError) -> String {
        let machine = try machineHost.required()
        if !machine.crossSigningStatus.hasIdentity { try await setUpIdentity(password: nil, replacing: false) }
        machine.checkBackup()
        try await flushMachine()
        if !machine.backupStatus.canRestore || !machine.backupStatus.isTrusted {
            machine.makeBackup()
            try await flushMachine()
        }
        let key: String
        do {
            key = try machine.makeRecovery(passphrase: passphrase)
        } catch {
            throw ClientError(.encryption, error.reason)
        }
        try await flushMachine()
        publishEncryptionStatus()
        return key
    }

    private static let secretTypes = [
        "m.cross_signing.master", "m.cross_signing.self_signing", "m.cross_signing.user_signing",
        "m.megolm_backup.v1",
    ]

    func recover(_ input: String) async throws(ClientError) {
        let machine = try machineHost.required()
        machine.refreshDevices(of: [userID.string])
        machine.checkBackup()
        try await flushMachine()
        let defaultType = "m.secret_storage.default_key"
        var contents: [ByteExactString: JSONObject] = [:]
        guard let main = try await fetchAccountData(defaultType), let keyID = main.string(at: "key") else {
            throw ClientError(.notFound, "nothing was put on the server to recover from")
        }
        contents[ByteExactString(defaultType)] = main
        for type in ["m.secret_storage.key." + keyID] + Self.secretTypes {
            contents[ByteExactString(type)] = try await fetchAccountData(type)
        }
        let news: [MachineNews]
        do throws(RecoveryError) {
            news = try machine.recover(with: input) { contents[ByteExactString($0)] }
        } catch {
            throw Self.error(error)
        }
        try settle(news)
        try await flushMachine()
        restoreBackupOnce()
        try await flushMachine()
        publishEncryptionStatus()
    }

    private static func error(_ error: RecoveryError) -> ClientError {
        switch error {
        case .notSetUp: ClientError(.notFound, "nothing was put on the server to recover from")
        case .mistyped: ClientError(.encryption, "this is no recovery key; look for a mistyped letter")
        case .wrongKey: ClientError(.encryption, "this is not the recovery key")
        case .unreadable: ClientError(.encryption, "what is on the server cannot be read")
        }
    }

    private func fetchAccountData(_ type: String) async throws(ClientError) -> JSONObject? {
        do throws(ClientError) {
            return try await call(.getAccountData, ["userId": userID.string, "type": type])
        } catch {
            if case .refused("M_NOT_FOUND") = error.code { return nil }
            throw error
        }
    }

    /// Fetches what is in the backup, once for each backup.
    func restoreBackupOnce() {
        guard let machine = machineHost.machine, let version = machine.backupStatus.version,
            machine.backupStatus.canRestore, restoredBackup.map({ utf8Equal($0, version) }) != true
        else { return }
        do {
            try machine.restoreBackup()
            restoredBackup = version
            machineBell.ring()
        } catch {
            // It can be read when its key has come.
        }
    }

    // MARK: Files

    func exportKeys(passphrase: String) async throws(ClientError) -> [UInt8] {
        let machine = try machineHost.required()
        guard !passphrase.isEmpty else { throw ClientError(.invalidRequest, "the passphrase is empty") }
        var sessions: [JSONObject] = []
        machine.exportSessions { sessions.append($0) }
        return await Self.export(sessions, passphrase: passphrase, environment)
    }

    /// Not on the actor: deriving the key takes half a second.
    private nonisolated static func export(
        _ sessions: [JSONObject], passphrase: String, _ environment: ClientEnvironment
    ) async -> [UInt8] {
        SessionExport.encrypt(sessions, passphrase: passphrase, random: environment.random)
    }

    func importKeys(_ file: [UInt8], passphrase: String) async throws(ClientError) -> Int {
        let machine = try machineHost.required()
        let sessions = try await Self.open(file, passphrase: passphrase)
        let news = machine.importSessions(sessions, origin: .imported)
        try settle(news)
        machineBell.ring()
        return news.reduce(0) { count, item in
            if case .sessionsReadable(_, let sessionIDs) = item { count + sessionIDs.count } else { count }
        }
    }

    private nonisolated static func open(
        _ file: [UInt8], passphrase: String
    ) async throws(ClientError) -> [JSONObject] {
        do {
            return try SessionExport.decrypt(file, passphrase: passphrase)
        } catch {
            throw ClientError(.encryption, "the file cannot be opened with this passphrase")
        }
    }
}
