import CanonicalJSON

/// An answer that says no: HTTP status, the specification's code, and what was wrong in words.
///
/// https://spec.matrix.org/v1.19/client-server-api/#standard-error-response
public struct MatrixError: Error, Sendable {
    public let status: Int
    public let code: ErrorCode
    /// For people; names what was wrong and never a secret.
    public let message: String
    /// Further members of the body, such as `soft_logout`.
    public let details: JSONObject

    public init(_ status: Int, _ code: ErrorCode, _ message: String, details: JSONObject = [:]) {
        self.status = status
        self.code = code
        self.message = message
        self.details = details
    }

    public var json: JSONObject {
        var body = details
        body["errcode"] = .string(code.rawValue)
        body["error"] = .string(message)
        return body
    }
}

extension MatrixError {
    public static func badJSON(_ message: String) -> MatrixError { MatrixError(400, .badJSON, message) }
    public static func forbidden(_ message: String) -> MatrixError { MatrixError(403, .forbidden, message) }
    public static func invalidParameter(_ message: String) -> MatrixError {
        MatrixError(400, .invalidParameter, message)
    }
    public static func missingParameter(_ message: String) -> MatrixError {
        MatrixError(400, .missingParameter, message)
    }
    public static func notFound(_ message: String) -> MatrixError { MatrixError(404, .notFound, message) }
    public static func tooLarge(_ message: String) -> MatrixError { MatrixError(413, .tooLarge, message) }

    public static func limitExceeded(_ message: String, retryAfterMilliseconds: Int64) -> MatrixError {
        MatrixError(
            429, .limitExceeded, message, details: ["retry_after_ms": .integer(retryAfterMilliseconds)])
    }

    /// When the caller may try again, for the `Retry-After` header; in whole seconds, rounded up.
    public var retryAfterSeconds: Int64? {
        details["retry_after_ms"]?.integerValue.map { ($0 + 999) / 1000 }
    }
}
