import ArgumentParser
import CanonicalJSON
import Foundation
import MatrixClient
import MatrixIdentifiers
import Terminal

struct ChatVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Compares emoji with a person, or with another device of yours.",
        discussion: """
            Both sides see seven emoji; when they are the same, nobody is in between. Without a user, your own other \
            devices are asked; --listen waits for somebody who asks.
            """)

    @OptionGroup var options: ChatOptions
    @Flag(help: "Wait until the other side asks.") var listen = false
    @Option(help: ArgumentHelp("How long to wait.", valueName: "seconds")) var wait = 300
    @Argument(help: "The user's ID.") var user: String?

    func run() async throws {
        let phrases = options.phrases
        try await reportingFailures(phrases) {
            let session = try await options.openProfile().requireSession()
            let (isListening, wanted, seconds) = (listen, user, wait)
            try await withRunning(session) {
                try await withDeadline(seconds: seconds, phrases) {
                    let verification: Verification
                    if isListening {
                        sayOnStandardError(phrases(.verifyListening))
                        verification = try await Self.firstRequest(session, from: wanted, phrases)
                        try await verification.accept()
                    } else {
                        let text = wanted ?? session.userID.string
                        guard let userID = UserID(text) else { throw ChatFailure(phrases(.noSuchChat, ["name": text])) }
                        verification = try await session.encryption.requestVerification(of: userID)
                    }
                    try await Self.compare(verification, session, phrases)
                }
            }
        }
    }

    private static func firstRequest(_ session: Session, from user: String?, _ phrases: Phrases) async throws
        -> Verification
    {
        for await verification in await session.encryption.incomingVerifications() {
            if user.map({ $0.utf8.elementsEqual(verification.userID.string.utf8) }) ?? true { return verification }
        }
        throw ChatFailure(phrases(.verifyCancelled, ["reason": ""]))
    }

    private static func compare(_ verification: Verification, _ session: Session, _ phrases: Phrases) async throws {
        let name = verification.isOwnDevice ? phrases(.ownDevices) : DisplayText.line(verification.userID.string)
        for await state in await verification.updates() {
            switch state {
            case .requested: sayOnStandardError(phrases(.verifyWaiting))
            case .ready: if !verification.isIncoming { try await verification.startEmoji() }
            case .comparing(let emojis, _):
                for emoji in emojis { print("\(emoji.symbol)  \(phrases.emojiName(emoji.name))") }
                sayOnStandardError(phrases(.verifyCompare))
                let answer = await answer(to: phrases(.verifyYesNo))
                if ["yes", "y", "네", "예"].contains(answer) {
                    try await verification.confirm()
                } else {
                    try await verification.reportMismatch()
                }
            case .scannedByOther, .started, .waitingForOther: break
            case .done: return print(phrases(.verifyDone, ["name": name]))
            case .cancelled(let reason, _):
                throw ChatFailure(phrases(.verifyCancelled, ["reason": DisplayText.line(reason)]))
            }
        }
    }

    /// Reads a line without holding up anything else.
    private static func answer(to question: String) async -> String {
        await withCheckedContinuation { (continuation: CheckedContinuation<String, Never>) in
            DispatchQueue(label: "naru.chat.answer").async {
                continuation.resume(returning: SecretPrompt.askOpenly(question)?.lowercased() ?? "")
            }
        }
    }
}

/// Gives up after a time.
private func withDeadline(
    seconds: Int, _ phrases: Phrases, _ body: @escaping @Sendable () async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: .seconds(seconds))
            throw ChatFailure(phrases(.verifyCancelled, ["reason": "\(seconds) s"]))
        }
        try await group.next()
        group.cancelAll()
    }
}

struct ChatRecoveryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery", abstract: "Makes a recovery key, uses one, or says how it stands.",
        discussion: """
            With the recovery key a new device reads your old messages. --use asks for the key or passphrase without \
            showing it, or reads it from the standard input.
            """)

    @OptionGroup var options: ChatOptions
    @Flag(help: "Make a recovery key and print it.") var new = false
    @Flag(help: "Use the recovery key on this device.") var use = false
    @Option(help: ArgumentHelp("Write all message keys into a file, locked with a passphrase.", valueName: "file"))
    var export: String?
    @Option(help: ArgumentHelp("Read message keys from such a file.", valueName: "file")) var `import`: String?

    func run() async throws {
        let phrases = options.phrases
        try await reportingFailures(phrases) {
            let session = try await options.openProfile().requireSession()
            if let path = export { return try await writeKeys(path, session, phrases) }
            if let path = `import` { return try await readKeys(path, session, phrases) }
            let key = use ? SecretPrompt.ask(phrases(.askRecoveryKey)) : nil
            let isNew = new
            try await withRunning(session) {
                if let key {
                    try await session.encryption.recover(key)
                    print(phrases(.recoveryDone))
                } else if isNew {
                    print(try await session.encryption.setUpRecovery())
                    sayOnStandardError(phrases(.recoveryKeyAbout))
                } else {
                    await Self.sayStatus(session, phrases)
                }
            }
        }
    }

    private static func sayStatus(_ session: Session, _ phrases: Phrases) async {
        for await status in await session.encryption.status() {
            switch status.recovery {
            case .off: print(phrases(.recoveryOff))
            case .locked: print(phrases(.recoveryLocked))
            case .on: print(phrases(.recoveryOn, ["keys": "\(status.keysToBackUp)"]))
            }
            return
        }
    }

    private func writeKeys(_ path: String, _ session: Session, _ phrases: Phrases) async throws {
        guard let passphrase = SecretPrompt.ask(phrases(.passphraseFor)), !passphrase.isEmpty else { return }
        let bytes = try await session.encryption.exportKeys(passphrase: passphrase)
        print(phrases(.saved, ["path": try ChatFiles.save(bytes, named: "keys.txt", to: path)]))
    }

    private func readKeys(_ path: String, _ session: Session, _ phrases: Phrases) async throws {
        guard let bytes = FileManager.default.contents(atPath: ChatFiles.expanded(path)) else {
            throw ChatFailure("\(path): \(String(cString: strerror(ENOENT)))")
        }
        guard let passphrase = SecretPrompt.ask(phrases(.passphraseFor)) else { return }
        let count = try await session.encryption.importKeys(Array(bytes), passphrase: passphrase)
        print(phrases(.keysImported, count: count))
    }
}

struct ChatDevicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "Lists your devices, or somebody else's, and whether they are verified.")

    @OptionGroup var options: ChatOptions
    @Flag(help: "One JSON object a line, for programs.") var json = false
    @Argument(help: "The user's ID. (default: yourself)") var user: String?

    func run() async throws {
        let phrases = options.phrases
        try await reportingFailures(phrases) {
            let session = try await options.openProfile().requireSession()
            let (wanted, isJSON) = (user ?? session.userID.string, json)
            try await withRunning(session) {
                guard let userID = UserID(wanted) else { throw ChatFailure(phrases(.noSuchChat, ["name": wanted])) }
                for device in try await session.encryption.devices(of: userID) {
                    if isJSON {
                        ChatJSON.write([
                            "device_id": .string(device.id), "user_id": .string(device.userID.string),
                            "name": .string(device.displayName ?? ""), "fingerprint": .string(device.fingerprint),
                            "signed": .bool(device.isSigned), "verified": .bool(device.isVerified),
                        ])
                    } else {
                        print(phrases.line(device, ownID: session.deviceID).map(\.text).joined())
                    }
                }
            }
        }
    }
}

extension Phrases {
    /// A device in one line.
    func line(_ device: DeviceInfo, ownID: String) -> [Span] {
        let isThis = device.id.utf8.elementsEqual(ownID.utf8)
        let isGood = device.isSigned || device.isVerified
        let name = DisplayText.line(device.displayName ?? "", maximumLength: 60)
        return [
            Span(isThis ? "* " : "  "), Span(DisplayText.line(device.id, maximumLength: 40), .title),
            Span(name.isEmpty ? "  " : "  \(name)  "),
            Span(self(isGood ? .verifiedMark : .unverifiedMark), isGood ? .secure : .warning),
            Span(isThis ? " (\(self(.thisDevice)))" : "", .quiet),
            Span("  \(DisplayText.line(device.fingerprint, maximumLength: 100))", .quiet),
        ]
    }
}
