import ArgumentParser
import DataKeeping

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies everything that a server has to keep, also while it runs.",
        discussion: """
            The copy is that of one moment: the database, the signing key, the server's name, and a list of their \
            checksums. Whoever has it can speak as this server and read what is not encrypted, so keep it as safe \
            as the server. 'naru restore' makes a data folder of it.
            """)

    @Argument(help: ArgumentHelp("The folder to make; nothing that is there is overwritten.", valueName: "folder"))
    var folder: String

    @OptionGroup var data: DataOption

    func run() throws {
        let bar = ProgressBar()
        let manifest: BackupManifest
        do {
            manifest = try Backup(of: DataFolder(existing: data.path)).make(
                in: folder, createdAt: Composition.environment.timestamp, progress: bar.show)
        } catch {
            bar.clear()
            throw error
        }
        bar.clear()
        let megabytes = manifest.files.reduce(0) { $0 + $1.byteCount } / 1_000_000
        print("\(manifest.files.count) files of \(manifest.serverName), \(megabytes) MB, are in \(folder).")
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Makes a data folder of a backup, and checks everything in it.",
        discussion: """
            Checksums, the database's own check, and every event's hash, signature and authorisation. What was \
            written after the backup is lost; clients find their way with the tokens they have. Keys for new \
            encrypted sessions are dropped, since some may have been used since; clients bring others.
            """)

    @Argument(help: ArgumentHelp("The folder that 'naru backup' has made.", valueName: "folder")) var folder: String

    @OptionGroup var data: DataOption

    func run() async throws {
        let bar = ProgressBar()
        do {
            let restoration = try Restoration(from: folder)
            let report = try await restoration.restore(to: data.path, progress: bar.show)
            bar.clear()
            print(
                "\(restoration.manifest.serverName) is in \(data.path): \(report.roomCount) rooms, "
                    + "\(report.eventCount) events, all sound.")
        } catch {
            bar.clear()
            throw error
        }
    }
}

extension ProgressBar {
    func show(_ progress: Backup.Progress) {
        switch progress {
        case .copyingDatabase(let pages, let total): show("database", done: Int64(pages), of: Int64(total))
        case .copyingFiles(let bytes, let total): show("files", done: bytes, of: total)
        case .checkingFiles(let bytes, let total): show("copying and checking", done: bytes, of: total)
        case .checkingHistory(let events): show("\(events) events checked")
        }
    }
}
