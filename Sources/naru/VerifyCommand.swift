import ArgumentParser
import DataKeeping
import Foundation
import HomeserverStoreSQLite
import MatrixIdentifiers
import Rooms
import Rules

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks every event of every room: hashes, signatures, authorisation, state, relations.",
        discussion: "The server must not be running on the folder. Ends with code 1 when something is wrong.")

    @OptionGroup var data: DataOption

    func run() async throws {
        let folder = try DataFolder(existing: data.path)
        try folder.lock()
        let name = try folder.serverName()
        let signingKey = try folder.storedSigningKey()
        guard let key = VerifyKey(publicKey: signingKey.publicKey) else {
            throw ValidationError("data: the signing key is broken.")
        }
        let database = try SQLiteDatabase(path: folder.databasePath)
        let isTerminal = isatty(STDERR_FILENO) == 1
        let report = try await HistoryVerifier(
            database: database, serverName: name, keyID: signingKey.keyID, key: key
        ).verify { count in
            guard isTerminal else { return }
            FileHandle.standardError.write(Data("\rchecked \(count) events".utf8))
        }
        try database.close()
        if isTerminal { FileHandle.standardError.write(Data("\r".utf8)) }
        for fault in report.faults { print(fault) }
        print("\(report.roomCount) rooms, \(report.eventCount) events, \(report.faults.count) faults")
        if !report.faults.isEmpty { throw ExitCode.failure }
    }
}
