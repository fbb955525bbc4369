import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One place to listen, and who answers there.
public struct HTTPListener: Sendable {
    public let configuration: HTTPServerConfiguration
    public let responder: any HTTPResponder

    public init(configuration: HTTPServerConfiguration, responder: any HTTPResponder) {
        self.configuration = configuration
        self.responder = responder
    }

    /// Begins to listen. Each event loop gets a worker for this listener alone, so that a connection need not know it.
    func bind(on group: MultiThreadedEventLoopGroup) async throws -> (any Channel, [NIOLoopBound<HTTPWorker>]) {
        let loops = Array(group.makeIterator())
        var workers: [NIOLoopBound<HTTPWorker>] = []
        for eventLoop in loops {
            workers.append(
                try await eventLoop.submit {
                    NIOLoopBound(
                        HTTPWorker(
                            eventLoop: eventLoop, configuration: configuration, responder: responder,
                            maximumConnections: configuration.maximumConnections / loops.count + 1),
                        eventLoop: eventLoop)
                }.get())
        }
        let identifiers = loops.map { ObjectIdentifier($0) }
        let bootstrap = Self.bootstrap(group) { [workers, tls = configuration.tls] channel in
            guard let index = identifiers.firstIndex(of: ObjectIdentifier(channel.eventLoop)) else { return }
            let pipeline = channel.pipeline.syncOperations
            if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls.context)) }
            try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: true)
            try pipeline.addHandler(HTTPConnectionHandler(worker: workers[index].value))
        }
        switch configuration.place {
        case .tcp(let address, let port):
            let channel = try await bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .bind(host: address, port: port).get()
            return (channel, workers)
        case .unix(let path):
            let channel = try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
            guard chmod(path, 0o600) == 0 else {
                try await channel.close()
                throw IOError(errnoCode: errno, reason: "chmod")
            }
            return (channel, workers)
        }
    }

    private static func bootstrap(
        _ group: MultiThreadedEventLoopGroup, initialize: @escaping @Sendable (any Channel) throws -> Void
    ) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try initialize(channel) }
            }
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 2048, maximum: 65536))
    }
}
