import NIOCore
import NIOHTTP1
import NIOPosix

/// An HTTP/1.1 server on SwiftNIO: whole requests in, whole answers out.
///
/// `docs/decisions/0002-http-on-swiftnio.md` says why there is no framework in between.
public struct HTTPServer: Sendable {
    private let listener: any Channel
    private let group: MultiThreadedEventLoopGroup
    private let workers: [NIOLoopBound<HTTPWorker>]
    private let sweeps: [RepeatedTask]

    /// The address the server listens on, `127.0.0.1:8008`.
    public var localAddress: String {
        guard let address = listener.localAddress else { return "unknown" }
        let host = address.ipAddress ?? "unknown"
        return (host.contains(":") ? "[\(host)]" : host) + ":\(address.port ?? 0)"
    }

    public static func start(
        configuration: HTTPServerConfiguration, responder: any HTTPResponder,
        threadCount: Int = System.coreCount
    ) async throws -> HTTPServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threadCount)
        var workers: [NIOLoopBound<HTTPWorker>] = []
        var sweeps: [RepeatedTask] = []
        for eventLoop in group.makeIterator() {
            let worker = try await eventLoop.submit {
                NIOLoopBound(
                    HTTPWorker(
                        eventLoop: eventLoop, configuration: configuration, responder: responder,
                        maximumConnections: configuration.maximumConnections / threadCount + 1),
                    eventLoop: eventLoop)
            }.get()
            workers.append(worker)
            sweeps.append(
                eventLoop.scheduleRepeatedTask(initialDelay: .seconds(5), delay: .seconds(5)) { _ in
                    worker.value.sweep(at: .now())
                })
        }
        let workerOfLoop = workers
        let loops = Array(group.makeIterator().map { ObjectIdentifier($0) })
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let index = loops.firstIndex(of: ObjectIdentifier(channel.eventLoop)) else { return }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withPipeliningAssistance: false, withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(
                        HTTPConnectionHandler(worker: workerOfLoop[index].value))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 2048, maximum: 65536)
            )
            .bind(host: configuration.address, port: configuration.port)
            .get()
        return HTTPServer(listener: listener, group: group, workers: workers, sweeps: sweeps)
    }

    /// Stops listening, has waiting requests answered, and closes what is still open after `grace`.
    public func stop(grace: Duration = .seconds(3), clock: some Clock<Duration>) async throws {
        try? await listener.close()
        for sweep in sweeps { sweep.cancel() }
        let deadline = clock.now.advanced(by: grace)
        while clock.now < deadline {
            var busyCount = 0
            for worker in workers {
                busyCount += try await worker.eventLoop.submit { worker.value.stop() }.get()
            }
            if busyCount == 0 { break }
            try await clock.sleep(until: clock.now.advanced(by: .milliseconds(20)), tolerance: nil)
        }
        try await group.shutdownGracefully()
    }
}
