/// All that our pages say, in one language. A language is one value of this in one file, and a line in ``all``.
struct PageTexts: Sendable {
    static let all: [PageTexts] = [.english, .korean]

    /// BCP 47.
    let languageTag: String
    let productName: String

    struct SignIn: Sendable {
        let title: String
        let username: String
        let password: String
        let submit: String
        let newHere: String
        let signUp: String
        let haveAccount: String
        let agreeAgain: String
    }
    let signIn: SignIn

    struct SignUp: Sendable {
        let title: String
        let lead: String
        let usernameHelp: String
        let passwordHelp: String
        let code: String
        let codeHelp: String
        let submit: String
        let closed: String
        let terms: String
        let agreeToTerms: String
    }
    let signUp: SignUp

    struct Consent: Sendable {
        /// Of the client's name.
        let title: @Sendable (String) -> String
        let lead: String
        let powers: [String]
        let client: String
        let website: String
        let device: String
        let accept: String
        let refuse: String
        let switchUser: String
        let terms: String
        let policy: String
    }
    let consent: Consent

    struct Link: Sendable {
        let title: String
        let lead: String
        let code: String
        let submit: String
        let unknownCode: String
        let warning: String
        let acceptedTitle: String
        let accepted: String
        let refusedTitle: String
        let refused: String
    }
    let link: Link

    struct SSO: Sendable {
        let title: String
        /// Of the host that the browser goes to.
        let lead: @Sendable (String) -> String
        let submit: String
    }
    let sso: SSO

    struct Account: Sendable {
        let title: String
        let displayName: String
        let save: String
        let saved: String
        let sessions: String
        let sessionsLead: String
        let password: String
        let resetIdentity: String
        let deactivate: String
        let signOut: String
        let back: String
        let unnamedDevice: String
        let neverUsed: String
        let lastUsed: String
        let address: String
        let deviceID: String
        let endSession: String
        let endSessionLead: String
        let sessionEnded: String
        let noSuchSession: String
        let noSessions: String
    }
    let account: Account

    struct Password: Sendable {
        let title: String
        let current: String
        let new: String
        let signOutOthers: String
        let submit: String
        let changed: String
    }
    let password: Password

    struct Deactivation: Sendable {
        let title: String
        let warning: String
        let points: [String]
        let erase: String
        let submit: String
        let doneTitle: String
        let done: String
    }
    let deactivation: Deactivation

    struct Reset: Sendable {
        let title: String
        let lead: String
        let points: [String]
        let submit: String
        let doneTitle: String
        let done: String
    }
    let reset: Reset

    struct Stage: Sendable {
        let title: String
        let lead: String
        let submit: String
        let doneTitle: String
        let done: String
    }
    let stage: Stage

    struct Errors: Sendable {
        let title: String
        let wrongCredentials: String
        let deactivated: String
        let locked: String
        let tooMany: String
        let usernameTaken: String
        let usernameInvalid: String
        let passwordWeak: String
        let codeInvalid: String
        let termsMissing: String
        let expiredForm: String
        let unknownClient: String
        let badRequest: String
        let notFound: String
        let unknown: String
    }
    let errors: Errors

    struct Time: Sendable {
        let justNow: String
        let minutesAgo: @Sendable (Int64) -> String
        let hoursAgo: @Sendable (Int64) -> String
        let daysAgo: @Sendable (Int64) -> String
    }
    let time: Time

    /// - Parameter milliseconds: since then.
    func ago(_ milliseconds: Int64) -> String {
        switch milliseconds / 60_000 {
        case ..<2: time.justNow
        case let minutes where minutes < 60: time.minutesAgo(minutes)
        case let minutes where minutes < 48 * 60: time.hoursAgo(minutes / 60)
        case let minutes: time.daysAgo(minutes / (24 * 60))
        }
    }

    // MARK: Choosing

    /// The first language asked for that there is; English when there is none.
    ///
    /// - Parameters:
    ///   - uiLocales: of OpenID Connect, tags parted by spaces, the best first.
    ///   - acceptLanguage: of HTTP, tags parted by commas, with weights.
    static func chosen(uiLocales: String?, acceptLanguage: String?) -> PageTexts {
        var tags = (uiLocales ?? "").split(separator: " ").map(String.init)
        tags += (acceptLanguage ?? "").prefix(500).split(separator: ",")
            .map { part -> (tag: String, weight: Double) in
                let pieces = part.split(separator: ";").map { $0.filter { $0 != " " } }
                let weight = pieces.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) }
                return (pieces.first ?? "", weight ?? 1)
            }
            .enumerated().sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }
            .map(\.element.tag)
        for tag in tags {
            let language = tag.split(separator: "-").first?.lowercased()
            if let texts = all.first(where: { $0.languageTag == language }) { return texts }
        }
        return english
    }
}
