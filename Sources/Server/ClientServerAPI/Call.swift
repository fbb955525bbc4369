import Accounts
import ApplicationServices
import CanonicalJSON
import HTTPServing
import MatrixAPI
import MatrixIdentifiers
import Rooms

/// One request to an endpoint, authenticated, with its parameters.
///
/// A class, since handlers that wait would hold several copies of a value this large.
final class Call: Sendable {
    let request: HTTPRequest
    let parameters: PathParameters
    let query: QueryParameters
    /// Nil at endpoints that anybody may call.
    private let optionalSession: Session?
    /// The application service that asks, also where nobody needs to say who he is.
    let applicationService: ApplicationService?

    init(request: HTTPRequest, parameters: PathParameters, caller: Caller) {
        self.request = request
        self.parameters = parameters
        query = QueryParameters(request.query)
        optionalSession = caller.session
        applicationService = caller.applicationService
    }

    /// Who calls an endpoint that anybody may call, if he says so.
    var sessionIfAny: Session? { optionalSession }

    /// Where the client is: see ``ClientAddress``.
    var address: String { ClientAddress.of(request) }

    /// Who calls. The endpoint's metadata says that there is somebody.
    var session: Session {
        guard let optionalSession else { preconditionFailure("the endpoint is declared without authentication") }
        return optionalSession
    }

    var userID: UserID { session.userID }

    /// Nil for somebody without a token.
    var optionalUserID: UserID? { optionalSession?.userID }

    var sender: RoomService.Sender { RoomService.Sender(userID: session.userID, device: session.device) }

    // MARK: Path and query

    func identifier<ID: MatrixIdentifier>(_ name: String, _: ID.Type) throws(MatrixError) -> ID {
        guard let identifier = ID(parameters[name]) else {
            throw .invalidParameter("'\(parameters[name].prefix(80))' in the path is not \(ID.grammarName)")
        }
        return identifier
    }

    func roomID() throws(MatrixError) -> RoomID { try identifier("roomId", RoomID.self) }

    /// The user in the path, who must be the caller himself.
    func ownUserID() throws(MatrixError) -> UserID {
        let userID = try identifier("userId", UserID.self)
        guard userID == session.userID else { throw .forbidden("this is only yours to read or change for yourself") }
        return userID
    }

    func integer(_ name: String) throws(MatrixError) -> Int64? {
        guard let text = query[name] else { return nil }
        guard let value = Int64(text) else { throw .invalidParameter("'\(name)' must be an integer") }
        return value
    }

    func bool(_ name: String) throws(MatrixError) -> Bool? {
        switch query[name] {
        case nil: return nil
        case "true": return true
        case "false": return false
        default: throw .invalidParameter("'\(name)' must be true or false")
        }
    }

    // MARK: Body

    /// The body, a JSON object whatever its content type says.
    func body() throws(MatrixError) -> JSONObject {
        let value: JSONValue
        do {
            value = try JSONParser.parse(request.body)
        } catch {
            switch error.code {
            case .syntax, .invalidUTF8: throw MatrixError(400, .notJSON, "the body is not JSON: \(error)")
            default: throw .badJSON("the body is not acceptable JSON: \(error)")
            }
        }
        guard case .object(let object) = value else {
            throw .badJSON("the body must be an object, not \(value.kindDescription)")
        }
        return object
    }

    /// The body where clients may leave it out.
    func bodyOrEmpty() throws(MatrixError) -> JSONObject { request.body.isEmpty ? [:] : try body() }
}

/// The answer of a handler.
enum Reply: Sendable {
    case json(JSONObject)
    /// JSON that is ready as bytes.
    case bytes([UInt8])
    /// A whole answer, for what is no JSON.
    case http(HTTPResponse)

    static let empty = Reply.bytes(Array("{}".utf8))
}
