import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// Sends requests to servers, also to those that strangers name: looks the name up, refuses what is not public, and connects to the
/// very address that was checked, with the name for TLS and `Host`.
///
/// `docs/decisions/0008-calls-to-strangers.md` says why this is not a library's work.
public final class OutgoingHTTPClient: OutgoingCaller {
    private let policy: AddressPolicy
    private let allowsAnyAddress: Bool
    /// Nil when each request has a connection of its own.
    private let idle: IdleConnections?
    private let resolver = NameResolver()
    private let group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    private let authorities: [NIOSSLCertificate]
    /// Made when it is first needed: the system's authorities take some megabytes.
    private let tls = Mutex<NIOSSLContext?>(nil)

    /// An address that does not answer must not use up the time of the next one.
    private static let connectTimeout = TimeAmount.seconds(5)
    private static let maximumAddresses = 4

    /// - Throws: when a file with certificate authorities cannot be read.
    public init(configuration: OutgoingHTTPConfiguration = OutgoingHTTPConfiguration()) throws {
        policy = AddressPolicy(allowedRanges: configuration.allowedRanges)
        allowsAnyAddress = configuration.allowsAnyAddress
        idle = configuration.keepsConnections ? IdleConnections() : nil
        authorities = try configuration.certificateAuthorities.flatMap { try NIOSSLCertificate.fromPEMFile($0) }
    }

    public func send(_ request: OutgoingRequest) async throws(OutgoingHTTPError) -> OutgoingResponse {
        let exchange = Exchange(eventLoop: group.next(), timeout: request.timeout, url: request.url)
        do {
            return try await withTaskCancellationHandler {
                try await self.send(request, in: exchange)
            } onCancel: {
                exchange.fail(OutgoingHTTPError(.cancelled, "the call to \(request.url.authority) was cancelled"))
            }
        } catch let error as OutgoingHTTPError {
            throw error
        } catch {
            throw OutgoingHTTPError(.brokenResponse, "\(request.url.authority): \(error)")
        }
    }

    private func send(_ request: OutgoingRequest, in exchange: Exchange) async throws -> OutgoingResponse {
        let context = request.url.scheme == .https ? try tlsContext() : nil
        let (again, askAgain) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        // The exchange's own time runs out also while a name is looked up; what is found then is not used.
        let connecting = Task {
            do {
                if await self.sendOnKeptConnection(request, in: exchange, retry: { askAgain.yield() }) {
                    for await _ in again { break }
                }
                guard !exchange.isOver, !Task.isCancelled else { return }
                try await self.connect(request, in: exchange, tls: context)
            } catch {
                exchange.fail(error)
            }
        }
        defer {
            askAgain.finish()
            connecting.cancel()
        }
        return try await exchange.response.get()
    }

    /// - Parameter retry: called when the other end had closed the connection before it answered.
    /// - Returns: whether there was a connection.
    private func sendOnKeptConnection(
        _ request: OutgoingRequest, in exchange: Exchange, retry: @escaping @Sendable () -> Void
    ) async -> Bool {
        // What must not be asked twice gets a new connection, which cannot be about to be closed.
        guard request.isRepeatable, let channel = idle?.take(for: .init(request.url)) else { return false }
        do {
            try await channel.eventLoop.submit {
                let collector = try channel.pipeline.syncOperations.handler(type: ResponseCollector.self)
                self.begin(request, in: exchange, on: channel, collector, retry: retry)
            }.get()
            return true
        } catch {
            channel.close(promise: nil)
            return false
        }
    }

    private func connect(_ request: OutgoingRequest, in exchange: Exchange, tls: NIOSSLContext?) async throws {
        let host = request.url.host
        let known = try await resolver.addresses(of: host)
        guard !known.isEmpty else { throw OutgoingHTTPError(.unknownHost, "\(host) has no address") }
        let addresses = allowsAnyAddress ? known : known.filter(policy.allows)
        guard !addresses.isEmpty else {
            throw OutgoingHTTPError(.addressRefused, "\(host) is not on the public Internet")
        }
        var failure: (any Error)?
        for address in addresses.prefix(Self.maximumAddresses) where !exchange.isOver {
            do {
                // At hand also when the connection has ended meanwhile, and its handlers are gone: it knows why.
                let collector = NIOLoopBoundBox<ResponseCollector?>.makeEmptyBox(
                    valueType: ResponseCollector.self, eventLoop: exchange.eventLoop)
                let channel = try await connect(to: address, request, in: exchange, tls: tls, collector)
                return try await channel.eventLoop.submit {
                    guard let collector = collector.value else { return }
                    self.begin(request, in: exchange, on: channel, collector, retry: nil)
                }.get()
            } catch {
                failure = error
            }
        }
        throw OutgoingHTTPError(
            .cannotConnect, "\(request.url.authority) takes no connection: \(failure.map { "\($0)" } ?? "too late")")
    }

    private func connect(
        to address: IPAddress, _ request: OutgoingRequest, in exchange: Exchange, tls: NIOSSLContext?,
        _ collector: NIOLoopBoundBox<ResponseCollector?>
    ) async throws -> any Channel {
        let destination = IdleConnections.Destination(request.url)
        let name = request.url.address == nil ? request.url.host : nil
        return try await ClientBootstrap(group: exchange.eventLoop)
            .connectTimeout(Self.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { [idle] channel in
                // Already now, so that the exchange's end ends also a connection that is being made.
                exchange.use(channel)
                return channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                    try channel.pipeline.syncOperations.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
                    let newCollector = ResponseCollector { channel, isReusable in
                        if isReusable, let idle {
                            idle.keep(channel, for: destination)
                        } else {
                            idle?.remove(channel, from: destination)
                            channel.close(promise: nil)
                        }
                    }
                    collector.value = newCollector
                    try channel.pipeline.syncOperations.addHandler(newCollector)
                }
            }
            .connect(to: SocketAddress(packedIPAddress: ByteBuffer(bytes: address.bytes), port: request.url.port))
            .get()
    }

    /// On the connection's event loop.
    private func begin(
        _ request: OutgoingRequest, in exchange: Exchange, on channel: any Channel, _ collector: ResponseCollector,
        retry: (@Sendable () -> Void)?
    ) {
        let work = ResponseCollector.Work(
            exchange: exchange, maximumBytes: request.maximumResponseBytes, retry: retry)
        if collector.begin(work, on: channel) { write(request, to: channel) }
    }

    private func write(_ request: OutgoingRequest, to channel: any Channel) {
        var headers = HTTPHeaders([("Host", request.url.authority)])
        for header in request.headers { headers.add(name: header.name, value: header.value) }
        if !request.body.isEmpty || request.method != "GET" {
            headers.replaceOrAdd(name: "Content-Length", value: String(request.body.count))
        }
        headers.replaceOrAdd(name: "Connection", value: idle == nil ? "close" : "keep-alive")
        let head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method), uri: request.url.target, headers: headers)
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if !request.body.isEmpty {
            channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: request.body))), promise: nil)
        }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }

    private func tlsContext() throws -> NIOSSLContext {
        try tls.withLock { tls in
            if let tls { return tls }
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            if !authorities.isEmpty { configuration.additionalTrustRoots = [.certificates(authorities)] }
            let context = try NIOSSLContext(configuration: configuration)
            tls = context
            return context
        }
    }
}
