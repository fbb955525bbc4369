import NIOCore
import NIOHTTP1
import NIOPosix

/// Opens connections to the server, all to the address that answered first.
package struct HTTPConnector: Sendable {
    package let url: ServerURL
    private let address: SocketAddress
    /// Where connections come from; nil lets the operating system choose.
    private var source: SocketAddress?
    private let connectTimeout = TimeAmount.seconds(10)

    /// Ports that one source address has for one destination, with room to spare: Linux gives 28,232.
    package static let connectionsPerSource = 20_000

    /// Resolves the server's name by connecting once.
    package static func resolving(_ url: ServerURL, on group: any EventLoopGroup) async throws -> HTTPConnector {
        do {
            let channel = try await ClientBootstrap(group: group).connectTimeout(.seconds(10))
                .connect(host: url.host, port: url.port).get()
            guard let address = channel.remoteAddress else {
                throw BenchError(.cannotConnect, "cannot connect to \(url): the connection closed at once")
            }
            channel.close(promise: nil)
            return HTTPConnector(url: url, address: address)
        } catch {
            throw connectError(url, error)
        }
    }

    private init(url: ServerURL, address: SocketAddress) {
        self.url = url
        self.address = address
    }

    /// This connector for the connection with this number: to a loopback address they come from 127.0.0.1,
    /// 127.0.0.2 … so that none of these runs out of ports.
    package func forConnection(number: Int) throws -> HTTPConnector {
        guard number >= Self.connectionsPerSource, let host = address.ipAddress, host.hasPrefix("127.") else {
            return self
        }
        var connector = self
        connector.source = try SocketAddress(ipAddress: "127.0.0.\(1 + number / Self.connectionsPerSource)", port: 0)
        return connector
    }

    package func connect(on eventLoop: any EventLoop) -> EventLoopFuture<any Channel> {
        var bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(connectTimeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        PrebuiltRequestEncoder(),
                        ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes)),
                        AnswerCollector(),
                    ])
                }
            }
        if let source { bootstrap = bootstrap.bind(to: source) }
        let url = url
        return bootstrap.connect(to: address).flatMapErrorThrowing { throw connectError(url, $0) }
    }
}

/// Why there is no connection, in words.
private func connectError(_ url: ServerURL, _ error: any Error) -> BenchError {
    if let error = error as? BenchError { return error }
    var reason = "\(error)"
    if let failure = error as? NIOConnectionError {
        if let first = failure.connectionErrors.first {
            return connectError(url, first.error)
        }
        reason = "no such host"
    } else if let failure = error as? IOError {
        reason = systemMessage(failure.errnoCode)
    } else if case .connectTimeout? = error as? ChannelError {
        reason = "no answer within 10 s"
    }
    return BenchError(.cannotConnect, "cannot connect to \(url): \(reason)")
}
