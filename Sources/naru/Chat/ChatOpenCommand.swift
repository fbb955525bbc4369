import ArgumentParser
import Foundation
import MatrixClient
import Terminal

struct ChatOpenCommand: AsyncParsableCommand {
    enum Theme: String, ExpressibleByArgument, CaseIterable {
        case auto, light, dark, none
    }

    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Opens the chats (what naru chat does by itself).",
        discussion: """
            Keys: Tab moves between chats, messages and writing; Ctrl+K finds a chat, by initial consonants too; Enter \
            sends; F1 shows the rest. Commands begin with a slash: /dm, /create, /file, /verify, /secure … /help lists \
            them. NO_COLOR and --theme none switch colours off.
            """)

    @OptionGroup var options: ChatOptions
    @OptionGroup var signIn: SignInOptions
    @Option(help: "auto asks the terminal whether it is light or dark.") var theme = Theme.auto
    @Flag(help: "Line by line, without a screen: for screen readers and slow lines.") var plain = false

    func run() async throws {
        let phrases = options.phrases
        try await reportingFailures(phrases) {
            if !plain, !TerminalDevice.isAvailable {
                sayOnStandardError(phrases(.notATerminal))
                throw ExitCode(64)
            }
            let profile = try options.openProfile()
            let session = try await session(profile)
            let (news, continuation) = AsyncStream.makeStream(of: ChatEvent.self)
            let face: any ChatFace
            if plain {
                face = PlainFace(phrases: phrases)
            } else {
                guard let device = TerminalDevice() else { throw ExitCode(64) }
                face = ScreenFace(device: device, theme: theme)
            }
            let loop = ChatLoop(
                session: session, profile: profile, face: face, news: news, continuation: continuation)
            let end = await loop.run()
            if let end { throw end }
        }
    }

    /// Signs in or up first when nobody is.
    private func session(_ profile: ChatProfile) async throws -> Session {
        if let session = try await profile.session() { return session }
        guard isatty(STDIN_FILENO) == 1 else { throw ChatFailure(profile.phrases(.notSignedIn)) }
        print(profile.phrases(.welcome))
        let answer = SecretPrompt.askOpenly(profile.phrases(.welcomeChoice)) ?? ""
        guard ["1", "2"].contains(answer) else { throw ChatFailure(profile.phrases(.notSignedIn)) }
        let session = try await SignInDialogue(profile: profile).signIn(signIn, isNew: answer == "1")
        return session
    }
}
