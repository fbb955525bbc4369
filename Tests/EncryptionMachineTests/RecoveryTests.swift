import CanonicalJSON
import EncryptionMachine
import Testing

/// Secret storage and the key backup, with a device that was lost.
struct RecoveryTests {
    private let world = World()
    private let alice: Host
    private let bob: Host

    init() throws {
        alice = try world.add("@alice:example.org", "A1")
        bob = try world.add("@bob:example.org", "B1")
        try world.settle()
        try world.makeIdentity(alice)
    }

    private func accountData(_ type: String) -> JSONObject? { world.server.trust.accountData[alice.user]?[type] }

    private func recover(_ host: Host, _ input: String) throws -> [MachineNews] {
        try host.act { try $0.recover(with: input) { accountData($0) } }
    }

    @Test(arguments: [true, false]) func aNewDeviceRecoversEverything(byPassphrase: Bool) throws {
        try alice.act { $0.makeBackup() }
        try world.settle()
        let recoveryKey = try alice.act {
            try $0.makeRecovery(passphrase: byPassphrase ? "열려라 참깨" : nil, rounds: 1000)
        }
        let event = try world.say("from before", bob)
        try world.settle()
        #expect(alice.body(event, in: world.room) == "from before")
        try world.settle()
        #expect(world.server.backedUpSessions(of: alice.user) >= 1)
        // The first device is lost.
        world.hosts.removeAll { $0.device == "A1" }
        let second = try world.add("@alice:example.org", "A2")
        try world.settle()
        #expect(second.body(event, in: world.room) == nil)
        _ = try recover(second, byPassphrase ? "열려라 참깨" : recoveryKey)
        try world.settle()
        #expect(second.machine.crossSigningStatus.isComplete)
        #expect(bob.machine.device("A2", of: alice.user)?.trust == .crossSigned)
        #expect(second.machine.backupStatus.isTrusted)
        _ = second.takeNews()
        try second.act { try $0.restoreBackup(of: nil) }
        try second.sendRequests()
        let news = second.takeNews()
        #expect(
            news.contains {
                if case .backupRestored(let count, unreadable: 0) = $0 { count >= 1 } else { false }
            })
        let read = try second.read(event, in: world.room)
        #expect(read.content["body"]?.stringValue == "from before")
        #expect(read.origin == .backup)
        // What came from the backup does not go back to it.
        #expect(second.machine.backupStatus.sessionsToUpload == 0)
    }

    @Test func theWrongKeyChangesNothing() throws {
        let recoveryKey = try alice.act { try $0.makeRecovery(passphrase: "right", rounds: 1000) }
        try world.settle()
        let second = try world.add("@alice:example.org", "A2")
        try world.settle()
        #expect(throws: RecoveryError.wrongKey) { try recover(second, "wrong") }
        #expect(throws: RecoveryError.wrongKey) {
            try recover(second, "EsUC xSxt XJgQ dz19 8WBZ rHdE GZo7 ybsn EFmG Y5HY MDAG GNWe")
        }
        #expect(!second.machine.crossSigningStatus.isVerified)
        #expect(throws: RecoveryError.notSetUp) {
            try second.act { try $0.recover(with: recoveryKey) { _ in nil } }
        }
        _ = try recover(second, recoveryKey)
        #expect(second.machine.crossSigningStatus.isVerified)
    }

    @Test func aMistypedRecoveryKeyIsToldApart() throws {
        _ = try alice.act { try $0.makeRecovery(passphrase: nil) }
        try world.settle()
        #expect(throws: RecoveryError.mistyped) { try recover(alice, "EsTj") }
    }

    /// A server that has other secrets under the right names: they are not the private halves of the identity.
    @Test func theServersSecretsAreRefused() throws {
        let recoveryKey = try alice.act { try $0.makeRecovery(passphrase: nil) }
        try world.settle()
        let second = try world.add("@alice:example.org", "A2")
        try world.settle()
        // The identity that the server shows to the new device is the server's own.
        TestIdentity(alice.user, world.random.source).publish(on: world.server)
        world.server.noteChange(of: alice.user)
        try second.sync()
        _ = try recover(second, recoveryKey)
        #expect(!second.machine.crossSigningStatus.isVerified)
        #expect(!second.machine.crossSigningStatus.hasMasterKey)
    }

    @Test func onlyWhoHasTheKeysCanSetItUp() throws {
        #expect(throws: MachineError.self) { try bob.act { try $0.makeRecovery(passphrase: nil) } }
    }

    @Test func theNewKeyCountsOnlyWhenAllIsThere() throws {
        let first = try alice.act { try $0.makeRecovery(passphrase: nil) }
        try world.settle()
        _ = try alice.act { try $0.makeRecovery(passphrase: nil) }
        // The connection ends before the last request.
        let requests = alice.machine.outgoingRequests()
        for request in requests.dropLast() { try alice.send(request) }
        let second = try world.add("@alice:example.org", "A2")
        try second.sync()
        // Encrypted for the new key by now; the old key is right and finds nothing for itself.
        #expect(throws: RecoveryError.unreadable) { try recover(second, first) }
        try alice.sendRequests()
        #expect(throws: RecoveryError.wrongKey) { try recover(second, first) }
    }

    // MARK: The backup

    @Test func sessionsGoIntoTheBackupInBatches() throws {
        var sessions: [JSONObject] = []
        for number in 0..<250 {
            let content = try #require(try bob.say("\(number)", in: world.room, to: world.everybody))
            _ = content
            try bob.act { $0.discardSession(in: world.room) }
        }
        bob.machine.exportSessions { sessions.append($0) }
        try world.settle()
        _ = try alice.act { $0.importSessions(sessions, origin: .imported) }
        #expect(alice.machine.backupStatus.sessionsToUpload == 250)
        try alice.act { $0.makeBackup() }
        try alice.sendRequests()
        #expect(world.server.backedUpSessions(of: alice.user) == 250)
        #expect(alice.machine.backupStatus.sessionsToUpload == 0)
        #expect(world.server.requestCounts[.uploadBackup] == 3)
    }

    /// A server that makes up a backup is given nothing.
    @Test func aBackupThatNobodySignedIsNotWrittenTo() throws {
        world.server.trust.backups[alice.user] = [
            TrustState.Backup(
                version: "1",
                description: [
                    "algorithm": "m.megolm_backup.v1.curve25519-aes-sha2",
                    "auth_data": ["public_key": "j0DFrbaPJWJK5bIU6nZ6bslNgp09e14a0bpvPiE4KF8"],
                ])
        ]
        _ = try world.say("secret", bob)
        try world.settle()
        try alice.act { $0.checkBackup() }
        try world.settle()
        #expect(alice.machine.backupStatus.version == "1")
        #expect(!alice.machine.backupStatus.isTrusted)
        #expect(world.server.backedUpSessions(of: alice.user) == 0)
        #expect(throws: MachineError.self) { try alice.act { try $0.restoreBackup(of: nil) } }
    }

    /// Another device has made another backup meanwhile.
    @Test func anotherBackupIsNoticed() throws {
        try alice.act { $0.makeBackup() }
        try world.settle()
        let second = try world.add("@alice:example.org", "A2")
        try world.settle()
        try world.compareEmoji(second, alice, inRoom: false)
        try second.act { $0.makeBackup() }
        try world.settle()
        #expect(second.machine.backupStatus.version == "2")
        _ = alice.takeNews()
        _ = try world.say("new", bob)
        try world.settle()
        // Refused by the server, checked, and trusted again: our own identity has signed it.
        #expect(alice.machine.backupStatus.version == "2")
        #expect(alice.machine.backupStatus.isTrusted)
        #expect(!alice.machine.backupStatus.canRestore)
        #expect(alice.takeNews().contains(.backupChanged))
        #expect(alice.machine.backupStatus.sessionsToUpload == 0)
    }

    @Test func aDeletedBackupIsForgotten() throws {
        try alice.act { $0.makeBackup() }
        try world.settle()
        try alice.act { $0.deleteBackup() }
        try world.settle()
        #expect(alice.machine.backupStatus.version == nil)
        #expect(!alice.machine.backupStatus.canRestore)
        #expect(world.server.trust.backups[alice.user] == nil)
    }

    /// A server that hides the backup, or shows another, makes no device forget its key.
    @Test func aHiddenBackupIsFoundAgain() throws {
        try alice.act { $0.makeBackup() }
        try world.settle()
        let backups = world.server.trust.backups
        world.server.trust.backups = [:]
        try alice.act { $0.checkBackup() }
        try world.settle()
        #expect(alice.machine.backupStatus.version == nil)
        #expect(!alice.machine.backupStatus.canRestore)
        world.server.trust.backups = backups
        try alice.act { $0.checkBackup() }
        try world.settle()
        #expect(alice.machine.backupStatus.canRestore && alice.machine.backupStatus.isTrusted)
    }

    /// Killed between the upload and its answer: nothing is lost, nothing stays "under way".
    @Test func aKillDuringTheUploadLosesNothing() throws {
        try alice.act { $0.makeBackup() }
        try world.settle()
        _ = try world.say("secret", bob)
        try bob.sendRequests()
        _ = try alice.act { $0.receiveSync(world.server.sync(alice.name)) }
        #expect(alice.machine.outgoingRequests().contains { $0.kind == .uploadBackup })
        alice.commit()
        try alice.restart()
        try alice.sendRequests()
        #expect(alice.machine.backupStatus.sessionsToUpload == 0)
        #expect(world.server.backedUpSessions(of: alice.user) >= 1)
    }
}
