import NIOCore

/// An ``HTTPConnection`` for code that waits with `await`: setting up, not measuring.
package struct SetupConnection: Sendable {
    private let connection: NIOLoopBound<HTTPConnection>
    private let eventLoop: any EventLoop
    /// Password hashing may queue behind that of others.
    private static let timeout = TimeAmount.seconds(60)

    package init(connector: HTTPConnector, eventLoop: any EventLoop, environment: BenchEnvironment) async throws {
        self.eventLoop = eventLoop
        connection = try await eventLoop.submit {
            NIOLoopBound(
                HTTPConnection(connector: connector, eventLoop: eventLoop, environment: environment),
                eventLoop: eventLoop)
        }.get()
    }

    /// Sends one request, once more when the server closed a kept connection just then.
    package func send(_ request: ByteBuffer) async throws -> HTTPAnswer {
        let promise = eventLoop.makePromise(of: HTTPAnswer.self)
        eventLoop.execute {
            let connection = connection.value
            let wasReused = connection.isReused
            connection.send(request, timeout: Self.timeout) { result in
                guard wasReused, case .failure(let error) = result, error.code == .disconnected else {
                    return promise.completeWith(result.mapError { $0 as any Error })
                }
                connection.send(request, timeout: Self.timeout) { second in
                    promise.completeWith(second.mapError { $0 as any Error })
                }
            }
        }
        return try await promise.futureResult.get()
    }

    package func close() async throws {
        try await eventLoop.submit { connection.value.close() }.get()
    }
}
