import ApplicationServices
import CanonicalJSON
import MatrixAPI
import OutgoingHTTP

extension BridgingService {
    private static let pingTimeout = Duration.seconds(20)

    /// Calls the service back, so that it learns whether it can be reached.
    ///
    /// - Parameter transactionID: what the service wants to be told; nil for nothing.
    /// - Returns: how long that took, in milliseconds.
    ///
    /// https://spec.matrix.org/v1.19/application-service-api/#pinging
    public func ping(_ service: ApplicationService, transactionID: String?) async throws -> Int64 {
        guard service.url != nil else {
            throw MatrixError(400, .urlNotSet, "the application service's registration has no URL")
        }
        var body = JSONObject()
        body["transaction_id"] = transactionID.map { .string($0) }
        let start = environment.timestamp
        let answer: OutgoingResponse
        do {
            answer = try await call(service, "POST", .init("ping"), body: body.bytes(), timeout: Self.pingTimeout)
        } catch {
            guard error.code == .timedOut else {
                throw MatrixError(502, .connectionFailed, "the application service cannot be reached: \(error)")
            }
            throw MatrixError(504, .connectionTimeout, "the application service does not answer")
        }
        guard (200...299).contains(answer.status) else {
            throw MatrixError(
                502, .badStatus, "the application service answered with status \(answer.status)",
                details: [
                    "status": .integer(Int64(answer.status)),
                    "body": .string(String(decoding: answer.body.prefix(Self.maximumBodyBytes), as: UTF8.self)),
                ])
        }
        noteReachable(service)
        return max(0, environment.timestamp - start)
    }

    /// Of an answer that is passed on for debugging.
    private static let maximumBodyBytes = 4_096
}
