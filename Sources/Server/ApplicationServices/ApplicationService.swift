import CanonicalJSON
import MatrixIdentifiers
import OutgoingHTTP

/// An application service, a bridge to another network say, as its registration describes it.
///
/// https://spec.matrix.org/v1.19/application-service-api/#registration
public final class ApplicationService: Sendable {
    public let id: String
    /// Nil for one that wants to be told nothing.
    public let url: OutgoingURL?
    /// `as_token`, by which it shows who it is.
    let accessToken: String
    /// `hs_token`, by which this server shows who it is.
    public let homeserverToken: String
    /// The user it acts as when it does not say.
    public let sender: UserID
    public let users: Namespaces
    public let aliases: Namespaces
    public let rooms: Namespaces
    /// Whether it wants to know of typing, receipts and presence.
    public let receivesEphemeral: Bool
    /// Whether those it speaks for have to wait when they ask too much; its sender never has to.
    public let isRateLimited: Bool
    /// The networks to which it leads.
    public let protocols: [String]

    private static let maximumTextBytes = 255
    private static let maximumProtocols = 100

    /// - Parameter registration: the registration file's content.
    /// - Throws: the first thing that is wrong with it.
    public init(registration: JSONObject, serverName: ServerName) throws(RegistrationFault) {
        let fields = RegistrationFields(registration)
        id = try fields.text("id", maximumBytes: Self.maximumTextBytes)
        accessToken = try fields.text("as_token", maximumBytes: 1_000)
        homeserverToken = try fields.text("hs_token", maximumBytes: 1_000)
        guard !accessToken.utf8.elementsEqual(homeserverToken.utf8) else {
            throw RegistrationFault("'as_token' and 'hs_token' must not be the same")
        }
        let localpart = try fields.text("sender_localpart", maximumBytes: Self.maximumTextBytes)
        guard let sender = UserID(localpart: localpart, serverName: serverName) else {
            throw RegistrationFault("'sender_localpart' \(localpart) cannot be the name of a user")
        }
        self.sender = sender
        url = try fields.url("url")
        guard let namespaces = registration["namespaces"]?.objectValue else {
            throw RegistrationFault("'namespaces' is missing")
        }
        users = try Namespaces(namespaces["users"], kind: "users")
        aliases = try Namespaces(namespaces["aliases"], kind: "aliases")
        rooms = try Namespaces(namespaces["rooms"], kind: "rooms")
        // The other name is that of before version 1.13, which bridges still write.
        let formerEphemeral = try fields.bool("de.sorunome.msc2409.push_ephemeral")
        receivesEphemeral = try fields.bool("receive_ephemeral") ?? formerEphemeral ?? false
        isRateLimited = try fields.bool("rate_limited") ?? true
        protocols = try fields.texts("protocols", maximumCount: Self.maximumProtocols)
    }

    /// Whether it may speak for the user.
    ///
    /// https://spec.matrix.org/v1.19/application-service-api/#identity-assertion
    public func speaks(for userID: UserID) -> Bool {
        userID.serverName == sender.serverName && (userID == sender || users.contains(userID.string))
    }

    /// Whether nobody else may make the user.
    func isExclusive(_ userID: UserID) -> Bool {
        userID.serverName == sender.serverName && (userID == sender || users.isExclusive(userID.string))
    }
}

/// The members of a registration, with messages for operators.
private struct RegistrationFields {
    let json: JSONObject

    init(_ json: JSONObject) { self.json = json }

    func text(_ name: String, maximumBytes: Int) throws(RegistrationFault) -> String {
        guard let value = json[name] else { throw RegistrationFault("'\(name)' is missing") }
        guard let text = value.stringValue else { throw RegistrationFault("'\(name)' must be a text") }
        guard (1...maximumBytes).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw RegistrationFault("'\(name)' must have 1 to \(maximumBytes) bytes, without control characters")
        }
        return text
    }

    func bool(_ name: String) throws(RegistrationFault) -> Bool? {
        guard let value = json[name], !value.isNull else { return nil }
        guard let bool = value.boolValue else { throw RegistrationFault("'\(name)' must be true or false") }
        return bool
    }

    func texts(_ name: String, maximumCount: Int) throws(RegistrationFault) -> [String] {
        guard let value = json[name], !value.isNull else { return [] }
        let texts = value.arrayValue?.compactMap(\.stringValue) ?? []
        guard let count = value.arrayValue?.count, count == texts.count, count <= maximumCount else {
            throw RegistrationFault("'\(name)' must be a list of at most \(maximumCount) texts")
        }
        return texts
    }

    func url(_ name: String) throws(RegistrationFault) -> OutgoingURL? {
        guard let value = json[name] else { throw RegistrationFault("'\(name)' is missing; null means none") }
        guard !value.isNull, value.stringValue != "" else { return nil }
        guard let url = value.stringValue.flatMap(OutgoingURL.init), url.query == nil else {
            throw RegistrationFault("'\(name)' must be an http or https URL without a query, or null")
        }
        return url
    }
}
