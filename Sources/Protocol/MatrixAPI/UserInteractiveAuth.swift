import CanonicalJSON

/// The stages of user-interactive authentication that Naru knows.
///
/// https://spec.matrix.org/v1.19/client-server-api/#user-interactive-authentication-api
public enum AuthenticationStage: String, Sendable, Hashable {
    case dummy = "m.login.dummy"
    case password = "m.login.password"
    case registrationToken = "m.login.registration_token"
}
