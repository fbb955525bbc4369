import ArgumentParser
import Foundation
import MatrixClient
import Terminal

/// How somebody says who he is.
struct SignInOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The server's name or address. (default: asked for)", valueName: "name|url"))
    var server: String?

    @Option(help: ArgumentHelp("The user's name. (default: asked for)", valueName: "name"))
    var user: String?

    @Flag(help: "Read the password from the standard input instead of asking.")
    var passwordStdin = false

    @Option(help: ArgumentHelp("What the server's operator has given out for signing up.", valueName: "token"))
    var token: String?
}

/// Signing up and in, with questions for what was not said.
struct SignInDialogue {
    let profile: ChatProfile
    var phrases: Phrases { profile.phrases }

    /// - Throws: ``ChatFailure`` or ``ClientError``.
    func signIn(_ options: SignInOptions, isNew: Bool) async throws -> Session {
        if let session = try await profile.session() { return try await signInAgain(session, options, isNew) }
        let server = try ask(options.server, .askServer)
        let user = try ask(options.user, .askUser)
        let password = try askPassword(options, isNew: isNew)
        let homeserver = try await profile.discover(server)
        let configuration = try profile.configuration(homeserver: homeserver)
        let session: Session
        if isNew {
            session = try await signUp(user, password, options.token, configuration)
        } else {
            session = try await Session.signIn(user, password: password, configuration: configuration)
        }
        try profile.keep(homeserver: homeserver)
        try await beginEncryption(session, password: password)
        return session
    }

    /// Goes on with the device that is there, with its keys, after the server has signed it out.
    private func signInAgain(_ session: Session, _ options: SignInOptions, _ isNew: Bool) async throws -> Session {
        let id = session.userID
        let isSame = options.user.map { [id.string, id.localpart].contains($0) } ?? true
        guard !isNew, isSame else { throw ChatFailure(phrases(.alreadySignedIn, ["name": id.string])) }
        try await session.signInAgain(password: try askPassword(options, isNew: false))
        return session
    }

    /// Asks for a token when the server wants one and none was given.
    private func signUp(
        _ user: String, _ password: String, _ token: String?, _ configuration: ClientConfiguration
    ) async throws -> Session {
        do {
            return try await Session.signUp(
                user, password: password, registrationToken: token, configuration: configuration)
        } catch {
            guard error.code == .unsupported, token == nil, isatty(STDIN_FILENO) == 1 else { throw error }
        }
        let asked = try ask(nil, .askToken)
        return try await Session.signUp(
            user, password: password, registrationToken: asked, configuration: configuration)
    }

    /// The identity with which devices sign each other is made while the password is at hand. When it is there
    /// already, or the server is too far, nothing is lost: /verify and /recovery do it later.
    private func beginEncryption(_ session: Session, password: String) async throws {
        let phrases = phrases
        try await withRunning(session) {
            for await status in await session.encryption.status() {
                if status.identity == .unverified { sayOnStandardError(phrases(.verifyThisDevice)) }
                guard status.identity == .missing else { return }
                do {
                    try await session.encryption.setUpIdentity(password: password)
                } catch {
                    // There is one after all, of another device.
                    let isThere = (error as? ClientError)?.code == .invalidRequest
                    if isThere { return sayOnStandardError(phrases(.verifyThisDevice)) }
                    sayOnStandardError(phrases(.problem, ["reason": phrases.error(error)]))
                }
                return
            }
        }
    }

    private func ask(_ given: String?, _ question: Phrase) throws -> String {
        guard let answer = given ?? SecretPrompt.askOpenly(phrases(question)), !answer.isEmpty else {
            throw ChatFailure(phrases(.notSignedIn))
        }
        return answer
    }

    private func askPassword(_ options: SignInOptions, isNew: Bool) throws -> String {
        if options.passwordStdin { return readLine() ?? "" }
        guard let password = SecretPrompt.ask(phrases(.askPassword)) else { throw ChatFailure(phrases(.notSignedIn)) }
        // What is typed unseen and only once locks people out of what they have just made.
        if isNew, isatty(STDIN_FILENO) == 1 {
            guard SecretPrompt.ask(phrases(.askPasswordAgain)) == password else {
                throw ChatFailure(phrases(.passwordsDiffer))
            }
        }
        return password
    }
}

/// Runs a session for as long as `body` takes, from its first answer on.
///
/// - Parameter seconds: after which `body` is begun although nothing was heard.
func withRunning<Value: Sendable>(
    _ session: Session, waitingSeconds seconds: Int = 20, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
            try await session.run()
            return nil
        }
        group.addTask {
            await withTaskGroup(of: Void.self) { waiting in
                waiting.addTask { await heardFrom(session) }
                waiting.addTask { try? await Task.sleep(for: .seconds(seconds)) }
                await waiting.next()
                waiting.cancelAll()
            }
            return try await body()
        }
        while let ended = try await group.next() {
            guard let value = ended else { continue }
            group.cancelAll()
            return value
        }
        throw CancellationError()
    }
}

/// Returns when the server has answered, or it is known that it does not.
private func heardFrom(_ session: Session) async {
    for await state in await session.connection() {
        switch state {
        case .live, .offline, .signedOut: return
        case .stopped, .connecting: continue
        }
    }
}

struct ChatRegisterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register", abstract: "Makes an account and signs in.",
        discussion: "The password is asked for without being shown; --password-stdin is for scripts.")

    @OptionGroup var options: ChatOptions
    @OptionGroup var signIn: SignInOptions

    func run() async throws { try await signInAndSay(options, signIn, isNew: true) }
}

struct ChatLoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Signs in with name and password.",
        discussion: "The password is asked for without being shown; --password-stdin is for scripts.")

    @OptionGroup var options: ChatOptions
    @OptionGroup var signIn: SignInOptions

    func run() async throws { try await signInAndSay(options, signIn, isNew: false) }
}

private func signInAndSay(_ options: ChatOptions, _ signIn: SignInOptions, isNew: Bool) async throws {
    try await reportingFailures(options.phrases) {
        let profile = try options.openProfile()
        let session = try await SignInDialogue(profile: profile).signIn(signIn, isNew: isNew)
        let values = ["name": session.userID.string, "device": session.deviceID]
        print(DisplayText.line(options.phrases(.signedInAs, values)))
    }
}

struct ChatLogoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Signs out and deletes what was kept on this device.")

    @OptionGroup var options: ChatOptions

    @Flag(help: "Do not ask, even when encrypted messages would be lost.") var force = false

    func run() async throws {
        try await reportingFailures(options.phrases) {
            let profile = try options.openProfile()
            let session = try await profile.requireSession()
            if !force, try await wouldLoseMessages(session) {
                let answer = SecretPrompt.askOpenly(options.phrases(.signOutWarning)) ?? ""
                guard ["yes", "y", "네", "예"].contains(answer.lowercased()) else { return }
            }
            try await session.signOut()
            profile.erase()
            print(options.phrases(.signedOutNow))
        }
    }

    private func wouldLoseMessages(_ session: Session) async throws -> Bool {
        for await status in await session.encryption.status() {
            return status.recovery == .off || status.keysToBackUp > 0
        }
        return true
    }
}

/// Says what went wrong in the user's language and ends with code 1.
func reportingFailures(_ phrases: Phrases, _ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as ExitCode {
        throw error
    } catch let error as ValidationError {
        throw error
    } catch let failure as ChatFailure {
        sayOnStandardError(failure.description)
        throw ExitCode.failure
    } catch {
        sayOnStandardError(phrases(.problem, ["reason": phrases.error(error)]))
        throw ExitCode.failure
    }
}
