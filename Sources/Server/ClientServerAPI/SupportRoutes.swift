import CanonicalJSON
import Homeserver
import MatrixAPI
import MatrixClientAPI

/// What others may know of who runs this server.
struct SupportRoutes: Routes {
    let support: SupportConfiguration
    /// See ``HomeserverConfiguration/policyServerKey``.
    let policyServerKey: String?

    func register(on table: inout RouteTable) {
        table.on(.getWellknownSupport, use: getWellknownSupport)
        table.on(.getWellknownPolicy, use: getWellknownPolicy)
    }

    private func getWellknownSupport(_: Call) throws -> Reply {
        guard !support.contacts.isEmpty || support.page != nil else {
            throw MatrixError.notFound("the operators have named no contact")
        }
        var json = JSONObject()
        if !support.contacts.isEmpty {
            json["contacts"] = .array(
                support.contacts.map { contact in
                    var json: JSONObject = ["role": .string(contact.role)]
                    json["matrix_id"] = contact.matrixID.map { .string($0) }
                    json["email_address"] = contact.emailAddress.map { .string($0) }
                    return .object(json)
                })
        }
        json["support_page"] = support.page.map { .string($0) }
        return .json(json)
    }

    private func getWellknownPolicy(_: Call) throws -> Reply {
        guard let policyServerKey else { throw MatrixError.notFound("there is no policy server under this name") }
        return .json(["public_keys": ["ed25519": .string(policyServerKey)]])
    }
}
