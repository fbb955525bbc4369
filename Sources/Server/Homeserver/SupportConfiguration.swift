/// Whom users and other operators turn to.
///
/// https://spec.matrix.org/v1.19/client-server-api/#getwell-knownmatrixsupport
public struct SupportConfiguration: Sendable {
    public struct Contact: Sendable {
        /// `m.role.admin` or `m.role.security`.
        public var role: String
        public var matrixID: String?
        public var emailAddress: String?

        /// One of the two addresses must be there.
        public init(role: String, matrixID: String?, emailAddress: String?) {
            self.role = role
            self.matrixID = matrixID
            self.emailAddress = emailAddress
        }
    }

    public var contacts: [Contact] = []
    public var page: String?

    public init() {}
}

/// Servers that relay the media of calls for clients that cannot reach each other.
///
/// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3voipturnserver
public struct TURNConfiguration: Sendable {
    /// `turn:` and `turns:` URIs.
    public var uris: [String]
    /// What this server shares with them, from which the users' passwords are derived.
    public var sharedSecret: String
    /// How long a password is good for.
    public var lifetimeSeconds: Int64 = 86_400

    public init(uris: [String], sharedSecret: String) {
        self.uris = uris
        self.sharedSecret = sharedSecret
    }
}
