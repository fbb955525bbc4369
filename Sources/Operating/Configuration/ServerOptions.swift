import Logging
import MatrixIdentifiers
import Rules

/// The table of all options.
package enum ServerOptions {
    /// In the order in which they are explained. Whoever declares an option adds it here.
    package static let all: [OptionDescription] = [
        serverName.description, baseURL.description, data.description, web.description, adminContact.description,
        listen.description, address.description, port.description, trustedProxies.description,
        registration.description, registrationToken.description, registrationSharedSecret.description,
        rateLimits.description, termsURL.description,
        defaultRoomVersion.description,
        logLevel.description, logFormat.description, metricsAddress.description,
    ]

    // MARK: The server

    package static let serverName = ConfigurationOption<ServerName>(
        "server-name", in: .server, placeholder: "name",
        meaning: "The name in user IDs, @user:NAME. It can never change.", usual: "that of the data, or localhost",
        example: "example.org"
    ) { text throws(OptionFault) in
        guard let name = ServerName(text) else {
            throw OptionFault("is no server name; it is a host name, perhaps with a port")
        }
        return name
    }

    package static let baseURL = ConfigurationOption<String>(
        "base-url", in: .server, placeholder: "url",
        meaning: "Where clients reach the server, for /.well-known/matrix/client.", usual: "where they came from",
        example: "https://chat.example.org"
    ) { text throws(OptionFault) in
        let text = try webAddress(text)
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    package static let data = ConfigurationOption<String>.text(
        "data", in: .server, placeholder: "folder", meaning: "The folder of the database and the signing key.",
        usual: "data", example: "/var/lib/naru")

    package static let web = ConfigurationOption<String>.text(
        "web", in: .server, placeholder: "folder", meaning: "The folder of the built web client.",
        usual: "web beside the program", example: "/usr/share/naru/web")

    package static let adminContact = ConfigurationOption<String>.text(
        "admin-contact", in: .server, placeholder: "address",
        meaning: "How people reach whoever runs the server; told to them when they meet one of its limits.",
        usual: "none", example: "mailto:admin@example.org")

    // MARK: Where it listens

    package static let listen = ConfigurationOption<ListenerText>.list(
        "listen", in: .network, placeholder: "place",
        meaning: """
            A place to listen, ADDRESS:PORT, with ';tls;certificate=FILE;key=FILE' for HTTPS. May be given several \
            times. The files are read again at SIGHUP and when they change.
            """,
        usual: "127.0.0.1:8008", example: "[::]:443;tls;certificate=/etc/naru/chain.pem;key=/etc/naru/key.pem"
    ) { text throws(OptionFault) in try ListenerText(text) }

    package static let address = ConfigurationOption<String>.text(
        "address", in: .network, placeholder: "address", meaning: "The address of the only listener, without TLS.",
        usual: "127.0.0.1", example: "0.0.0.0")

    package static let port = ConfigurationOption<Int>.integer(
        "port", in: .network, placeholder: "port", range: 0...65_535,
        meaning: "The port of the only listener, without TLS; 0 takes a free one.", usual: "8008", example: "8008")

    package static let trustedProxies = ConfigurationOption<String>.list(
        "trusted-proxies", in: .network, placeholder: "address",
        meaning: """
            The addresses of proxies in front of the server. What they say in X-Forwarded-For is taken as the \
            address of who asks, for limits and for the list of devices.
            """,
        usual: "127.0.0.1 and ::1", example: "192.0.2.7"
    ) { text throws(OptionFault) in
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw OptionFault("is no address")
        }
        return text
    }

    // MARK: Who may come in

    package enum RegistrationMode: String, CaseIterable, Sendable {
        case open, token, closed
    }

    package static let registration = ConfigurationOption<RegistrationMode>.choice(
        "registration", in: .people,
        meaning: "Who may sign up: anybody, whoever has the token, or nobody.",
        usual: "open when only this machine can reach the server; otherwise it must be said", example: "token")

    package static let registrationToken = ConfigurationOption<String>.text(
        "registration-token", in: .people, placeholder: "token",
        meaning: "What whoever signs up must know, with --registration token.", usual: "none",
        example: "come-across-the-river", isSecret: true)

    package static let registrationSharedSecret = ConfigurationOption<String>(
        "registration-shared-secret", in: .people, placeholder: "secret",
        meaning: "Programs that know it make accounts over /_synapse/admin/v1/register. At least 16 characters.",
        usual: "none: nobody can", example: "a-long-secret-of-your-own", isSecret: true
    ) { text throws(OptionFault) in
        guard text.utf8.count >= 16 else { throw OptionFault("is shorter than 16 characters") }
        return text
    }

    package static let rateLimits = ConfigurationOption<Bool>.onOff(
        "rate-limits", in: .people, meaning: "Whether whoever asks too much has to wait.", usual: "on", example: "off")

    package static let termsURL = ConfigurationOption<String>(
        "terms-url", in: .people, placeholder: "url",
        meaning: "The address of terms of use that newcomers must agree to.", usual: "none",
        example: "https://example.org/terms"
    ) { text throws(OptionFault) in try webAddress(text) }

    private static func webAddress(_ text: String) throws(OptionFault) -> String {
        guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
            throw OptionFault("must begin with https:// or http://")
        }
        return text
    }

    // MARK: Rooms

    package static let defaultRoomVersion = ConfigurationOption<RoomVersionRules>(
        "default-room-version", in: .rooms, placeholder: "version",
        meaning: "The version of rooms whose makers do not ask for one.",
        usual: RoomVersionRules.default.identifier, example: "12"
    ) { text throws(OptionFault) in
        guard let rules = RoomVersionRules.named(text) else {
            let names = RoomVersionRules.supported.map(\.identifier).joined(separator: ", ")
            throw OptionFault("is no version of rooms that this server knows; there are \(names)")
        }
        return rules
    }

    // MARK: Watching it

    package static let logLevel = ConfigurationOption<Logger.Level>.choice(
        "log-level", in: .operation, meaning: "How much to log.", usual: "notice", example: "info")

    package enum LogFormat: String, CaseIterable, Sendable {
        case text, json
    }

    package static let logFormat = ConfigurationOption<LogFormat>.choice(
        "log-format", in: .operation, meaning: "How to log: lines for people, or an object of JSON a line.",
        usual: "text", example: "json")

    package static let metricsAddress = ConfigurationOption<ListenerText>(
        "metrics-address", in: .operation, placeholder: "place",
        meaning: "Where Prometheus finds /metrics, and a watchdog /health and /ready: ADDRESS:PORT.", usual: "nowhere",
        example: "127.0.0.1:9008"
    ) { text throws(OptionFault) in try ListenerText(text) }
}
