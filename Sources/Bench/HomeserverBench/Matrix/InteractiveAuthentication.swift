import CanonicalJSON

/// Chooses the stages of the user-interactive authentication of a registration.
///
/// https://spec.matrix.org/v1.19/client-server-api/#user-interactive-authentication-api
package struct InteractiveAuthentication: Sendable {
    /// For servers that ask for `m.login.registration_token`.
    package let registrationToken: String?

    package init(registrationToken: String?) { self.registrationToken = registrationToken }

    /// The `auth` object for the next stage of the first flow that can be walked to its end.
    ///
    /// - Parameter answer: the server's 401.
    package func nextStage(after answer: JSONValue) throws(BenchError) -> JSONValue {
        guard let object = answer.objectValue, let flows = object["flows"]?.arrayValue else {
            throw BenchError(.unexpectedAnswer, "the server refuses registration: \(errorText(answer))")
        }
        let completed = strings(object["completed"])
        let walkable = flows.map { strings($0.objectValue?["stages"]) }.first { $0.allSatisfy(canDo) }
        guard let stage = walkable?.first(where: { !completed.contains($0) }) else {
            throw BenchError(.unexpectedAnswer, refusal(of: flows))
        }
        var auth: JSONObject = ["type": .string(stage)]
        if let session = object["session"] { auth["session"] = session }
        if stage == "m.login.registration_token" { auth["token"] = .string(registrationToken ?? "") }
        return .object(auth)
    }

    private func canDo(_ stage: String) -> Bool {
        stage == "m.login.dummy" || (stage == "m.login.registration_token" && registrationToken != nil)
    }

    private func refusal(of flows: [JSONValue]) -> String {
        let offered = flows.map { strings($0.objectValue?["stages"]).joined(separator: " + ") }
        let hint = offered.contains { $0.contains("registration_token") } && registrationToken == nil
        return "cannot register: the server wants \(offered.joined(separator: ", or "))"
            + (hint ? "; give --registration-token" : "")
    }

    private func strings(_ value: JSONValue?) -> [String] { (value?.arrayValue ?? []).compactMap(\.stringValue) }
}

/// `M_CODE: message`, as far as the answer has them.
package func errorText(_ answer: JSONValue?) -> String {
    let object = answer?.objectValue
    let parts = [object?["errcode"]?.stringValue, object?["error"]?.stringValue].compactMap { $0 }
    return parts.isEmpty ? "no reason given" : parts.joined(separator: ": ")
}
