import CanonicalJSON
import DataKeeping
import Foundation
import HomeserverStore
import HomeserverStoreSQLite
import MatrixIdentifiers
import ServerUnderTest
import Testing
import UnpaddedBase64

@Suite struct BackupTests {
    /// A server's folder as the program keeps it.
    private func dataFolder(of server: TestServer) throws -> DataFolder {
        let path = server.folder.path
        try "\(TestServer.name)\n".write(toFile: path + "/server-name", atomically: true, encoding: .utf8)
        let seed = UnpaddedBase64.encode(TestServer.signingKey.seed)
        try "ed25519 1 \(seed)\n".write(toFile: path + "/signing.key", atomically: true, encoding: .utf8)
        return try DataFolder(existing: path)
    }

    @Test func aBackupOfARunningServerHoldsOneMoment() async throws {
        try await TestServer.run { server in
            let data = try dataFolder(of: server)
            let users = try await server.users("alice", "bob")
            let room = try await server.room(of: users)
            for number in 0..<20 { try await server.say("before \(number)", as: users[0], in: room) }
            let elsewhere = try TemporaryFolder()
            let steps = Counter()
            let manifest = try Backup(of: data).make(in: elsewhere.file("backup"), createdAt: 7) { _ in steps.increase()
            }
            try await server.say("after", as: users[0], in: room)
            #expect(manifest.files.map(\.path) == ["naru.sqlite", "server-name", "signing.key"])
            #expect(manifest.serverName == "test" && manifest.createdAt == 7)
            #expect(steps.value > 0)

            let target = elsewhere.file("restored")
            let report = try await Restoration(from: elsewhere.file("backup")).restore(to: target)
            #expect(report.roomCount == 1 && report.faults.isEmpty)
            let restored = try SQLiteDatabase(path: target + "/naru.sqlite")
            let events = try await restored.read { store in
                try store.timeline(
                    of: store.rooms()[0].number, after: .zero, before: StreamPosition(.max), limit: 1000,
                    direction: .forward)
            }
            let texts = events.map { String(decoding: $0.pdu, as: UTF8.self) }
            #expect(texts.contains { $0.contains("before 19") })
            #expect(!texts.contains { $0.contains("after") })
            try restored.close()
        }
    }

    /// Rule 66: the next position is beyond every one that can have been given out since, so tokens of that time miss
    /// nothing.
    @Test func tokensGivenOutAfterTheBackupMissNothing() async throws {
        let elsewhere = try TemporaryFolder()
        var token = ""
        var user: TestUser?
        var room: RoomID?
        try await TestServer.run { server in
            let alice = try await server.user("alice")
            let made = try await server.room(of: [alice])
            _ = try Backup(of: dataFolder(of: server)).make(in: elsewhere.file("backup"), createdAt: 0)
            for number in 0..<5 { try await server.say("lost \(number)", as: alice, in: made) }
            token = try await server.sync(alice).nextBatch
            (user, room) = (alice, made)
        }
        let target = try TemporaryFolder()
        _ = try await Restoration(from: elsewhere.file("backup")).restore(to: target.path)
        let clock = ManualClock()
        let server = try await TestServer(folder: target, clock: clock, environment: .manual(clock, seed: 2))
        let (alice, made) = (try #require(user), try #require(room))
        _ = try await server.accounts.session(accessToken: alice.accessToken, remoteAddress: "127.0.0.1")
        try await server.say("after the restoration", as: alice, in: made)
        let answer = try await server.sync(alice, since: token)
        #expect(answer.room(made)?.bodies == ["after the restoration"])
        try await server.stop()
    }

    @Test func whatWasChangedIsNotRestored() async throws {
        try await TestServer.run { server in
            let data = try dataFolder(of: server)
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            try await server.say("original text", as: alice, in: room)
            let elsewhere = try TemporaryFolder()
            let backup = elsewhere.file("backup")
            _ = try Backup(of: data).make(in: backup, createdAt: 0)
            let database = backup + "/naru.sqlite"
            var bytes = try Data(contentsOf: URL(fileURLWithPath: database))
            while let place = bytes.range(of: Data("original text".utf8)) {
                bytes.replaceSubrange(place, with: Data("modified text".utf8))
            }
            try bytes.write(to: URL(fileURLWithPath: database))
            let target = elsewhere.file("restored")
            do {
                _ = try await Restoration(from: backup).restore(to: target)
                Issue.record("a changed file was restored")
            } catch { #expect("\(error)".contains("checksum")) }
            #expect(!FileManager.default.fileExists(atPath: target))
            #expect(!FileManager.default.fileExists(atPath: target + ".partial"))

            // With a manifest that fits, it is the history that does not hold.
            _ = try Backup(of: DataFolder(existing: backup)).make(in: elsewhere.file("forged"), createdAt: 0)
            do {
                _ = try await Restoration(from: elsewhere.file("forged")).restore(to: target)
                Issue.record("a changed history was restored")
            } catch { #expect("\(error)".contains("not sound")) }
            #expect(!FileManager.default.fileExists(atPath: target))
        }
    }

    @Test func nothingIsOverwritten() async throws {
        try await TestServer.run { server in
            let data = try dataFolder(of: server)
            let elsewhere = try TemporaryFolder()
            try "precious".write(toFile: elsewhere.file("file"), atomically: true, encoding: .utf8)
            #expect(throws: BackupError.self) { try Backup(of: data).make(in: elsewhere.path, createdAt: 0) }
            let backup = elsewhere.file("backup")
            _ = try Backup(of: data).make(in: backup, createdAt: 0)
            await #expect(throws: BackupError.self) {
                try await Restoration(from: backup).restore(to: data.path)
            }
            #expect(try String(contentsOfFile: elsewhere.file("file"), encoding: .utf8) == "precious")
            #expect(throws: BackupError.self) { try Restoration(from: elsewhere.path) }
        }
    }

    /// Later releases may keep other files; a backup has them all, but not the locks and logs of a running server.
    @Test func otherFilesAreKeptToo() async throws {
        try await TestServer.run { server in
            let data = try dataFolder(of: server)
            try FileManager.default.createDirectory(atPath: data.path + "/media", withIntermediateDirectories: true)
            try "picture".write(toFile: data.path + "/media/one", atomically: true, encoding: .utf8)
            try "".write(toFile: data.path + "/lock", atomically: true, encoding: .utf8)
            try "half".write(toFile: data.path + "/signing.key.new", atomically: true, encoding: .utf8)
            let elsewhere = try TemporaryFolder()
            let manifest = try Backup(of: data).make(in: elsewhere.file("backup"), createdAt: 0)
            #expect(
                manifest.files.map(\.path) == ["naru.sqlite", "media/one", "server-name", "signing.key"])
            _ = try await Restoration(from: elsewhere.file("backup")).restore(to: elsewhere.file("restored"))
            #expect(try String(contentsOfFile: elsewhere.file("restored/media/one"), encoding: .utf8) == "picture")
        }
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"format":2,"server_name":"a","created_at":1,"files":[]}"#,
        #"{"format":1,"server_name":"a","created_at":1,"files":[{"path":"../x","bytes":1,"sha256":"00"}]}"#,
        #"{"format":1,"server_name":"a","created_at":1,"files":[{"path":"/x","bytes":1,"sha256":"00"}]}"#,
        #"{"format":1,"server_name":"a","created_at":1,"files":[{"path":"x","bytes":"1","sha256":"00"}]}"#,
    ])
    func manifestsThatAreNoneAreRefused(text: String) {
        #expect(throws: BackupError.self) { try BackupManifest(parsing: Array(text.utf8)) }
    }
}
