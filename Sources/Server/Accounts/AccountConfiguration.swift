import ApplicationServices
import MatrixIdentifiers

/// What an operator decides about accounts.
public struct AccountConfiguration: Sendable {
    public enum Registration: Sendable, Equatable {
        /// Anybody may sign up.
        case open
        /// Whoever has the token may, or one that administrators have made; nil: only these.
        case token(String?)
        case closed
    }

    public var serverName: ServerName
    public var registration: Registration
    /// Names that nobody can take: the server itself speaks under them.
    public var reservedLocalparts: Set<String> = []
    /// The programs that speak for users of their own.
    public var applicationServices = ApplicationServiceTable.empty
    /// Whoever knows it may make accounts as Synapse's tools do, administrators too; nil: nobody.
    public var registrationSharedSecret: String?
    /// How long an access token lives that was given out with a refresh token.
    public var accessTokenLifetime: Duration = .seconds(3600)

    /// What newcomers must agree to; nil asks for nothing.
    public var terms: TermsOfUse?

    /// Terms that newcomers agree to: https://spec.matrix.org/v1.19/client-server-api/#terms-of-service-at-registration
    public struct TermsOfUse: Sendable, Equatable {
        public let version: String
        /// Where they can be read.
        public let url: String

        public init(version: String, url: String) {
            self.version = version
            self.url = url
        }
    }

    public init(serverName: ServerName, registration: Registration) {
        self.serverName = serverName
        self.registration = registration
    }
}
