import Logging
import MatrixIdentifiers
import OutgoingHTTP
import Rules

/// The table of all options.
package enum ServerOptions {
    /// In the order in which they are explained. Whoever declares an option adds it here.
    package static let all: [OptionDescription] = [
        serverName.description, baseURL.description, data.description, web.description, adminContact.description,
        listen.description, address.description, port.description, trustedProxies.description,
        registration.description, registrationToken.description, registrationSharedSecret.description,
        rateLimits.description, termsURL.description,
        defaultRoomVersion.description, encryptionByDefault.description, retentionDays.description,
        redactedContentDays.description, presence.description,
        outgoingAllowedRanges.description, certificateAuthorities.description,
        turnServers.description, turnSharedSecret.description, supportPage.description, supportEmail.description,
        applicationServices.description,
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
        meaning: "What whoever signs up must know, with --registration token.",
        usual: "none: only the tokens that naru admin makes",
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

    package enum EncryptedRooms: String, CaseIterable, Sendable {
        case none, `private`
    }

    package static let encryptionByDefault = ConfigurationOption<EncryptedRooms>.choice(
        "encryption-by-default", in: .rooms,
        meaning: "Which new rooms are encrypted when their makers do not say.", usual: "none", example: "private")

    package static let retentionDays = ConfigurationOption<Int>.integer(
        "retention-days", in: .rooms, placeholder: "days", range: 1...36_500,
        meaning: "Messages that are older are deleted, where the room says nothing else.", usual: "never",
        example: "365")

    package static let redactedContentDays = ConfigurationOption<Int>.integer(
        "redacted-content-days", in: .rooms, placeholder: "days", range: 0...36_500,
        meaning: "How long moderators may still read what was redacted; then it is erased.", usual: "7", example: "0")

    package static let presence = ConfigurationOption<Bool>.onOff(
        "presence", in: .people, meaning: "Whether people see who of those they share rooms with is there.",
        usual: "off", example: "on")

    // MARK: Other servers

    package static let outgoingAllowedRanges = ConfigurationOption<AddressRange>.list(
        "outgoing-allowed-ranges", in: .network, placeholder: "range",
        meaning: "Addresses that push gateways and the like may have besides the public Internet's.", usual: "none",
        example: "10.1.0.0/16"
    ) { text throws(OptionFault) in
        guard let range = AddressRange(text) else {
            throw OptionFault("is no range of addresses; 10.0.0.0/8 is one")
        }
        return range
    }

    package static let certificateAuthorities = ConfigurationOption<String>.list(
        "certificate-authorities", in: .network, placeholder: "file",
        meaning: "PEM files of authorities that are trusted in calls to other servers, besides the system's.",
        usual: "none", example: "/etc/naru/our-authority.pem"
    ) { text throws(OptionFault) in
        guard !text.isEmpty else { throw OptionFault("must not be empty") }
        return text
    }

    package static let turnServers = ConfigurationOption<String>.list(
        "turn-servers", in: .network, placeholder: "uri",
        meaning: "TURN servers that help calls through firewalls; with turn-shared-secret.", usual: "none",
        example: "turn:turn.example.org?transport=udp"
    ) { text throws(OptionFault) in
        guard text.hasPrefix("turn:") || text.hasPrefix("turns:") else {
            throw OptionFault("must begin with turn: or turns:")
        }
        return text
    }

    package static let turnSharedSecret = ConfigurationOption<String>.text(
        "turn-shared-secret", in: .network, placeholder: "secret",
        meaning: "What the TURN servers and this one share.", usual: "none", example: "a-long-secret-of-your-own",
        isSecret: true)

    package static let supportPage = ConfigurationOption<String>(
        "support-page", in: .server, placeholder: "url", meaning: "Where people find help with this server.",
        usual: "none", example: "https://example.org/help"
    ) { text throws(OptionFault) in try webAddress(text) }

    package static let supportEmail = ConfigurationOption<String>.text(
        "support-email", in: .server, placeholder: "address",
        meaning: "Whom to write to about this server, for /.well-known/matrix/support.", usual: "none",
        example: "admin@example.org")

    package static let applicationServices = ConfigurationOption<String>.list(
        "application-services", in: .server, placeholder: "file",
        meaning: "The registration files of application services: bridges to other networks and the like.",
        usual: "none", example: "/etc/naru/irc-registration.yaml"
    ) { text throws(OptionFault) in
        guard !text.isEmpty else { throw OptionFault("must not be empty") }
        return text
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
