import CanonicalJSON

/// The stages of user-interactive authentication that Naru knows.
///
/// https://spec.matrix.org/v1.19/client-server-api/#user-interactive-authentication-api
public enum AuthenticationStage: String, Sendable, Hashable {
    /// The user agrees on a page of ours: https://spec.matrix.org/v1.19/client-server-api/#oauth-authentication
    case oauth = "m.oauth"
    case terms = "m.login.terms"
    case dummy = "m.login.dummy"
    case password = "m.login.password"
    case registrationToken = "m.login.registration_token"
}
