import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// Sends requests to servers that strangers name: looks the name up, refuses what is not public, and connects to the
/// very address that was checked, with the name for TLS and `Host`.
///
/// `docs/decisions/0008-calls-to-strangers.md` says why this is not a library's work.
public final class OutgoingHTTPClient: OutgoingCaller {
    private let policy: AddressPolicy
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
        // The exchange's own time runs out also while a name is looked up; what is found then is not used.
        let connecting = Task {
            do {
                try await self.connect(request, in: exchange, tls: context)
            } catch {
                exchange.fail(error)
            }
        }
        defer { connecting.cancel() }
        return try await exchange.response.get()
    }

    private func connect(_ request: OutgoingRequest, in exchange: Exchange, tls: NIOSSLContext?) async throws {
        let host = request.url.host
        let known = try await resolver.addresses(of: host)
        guard !known.isEmpty else { throw OutgoingHTTPError(.unknownHost, "\(host) has no address") }
        let addresses = known.filter(policy.allows)
        guard !addresses.isEmpty else {
            throw OutgoingHTTPError(.addressRefused, "\(host) is not on the public Internet")
        }
        var failure: (any Error)?
        for address in addresses.prefix(Self.maximumAddresses) where !exchange.isOver {
            do {
                let channel = try await connect(to: address, request, in: exchange, tls: tls)
                return try await channel.eventLoop.submit { Self.write(request, to: channel) }.get()
            } catch {
                failure = error
            }
        }
        throw OutgoingHTTPError(
            .cannotConnect, "\(request.url.authority) takes no connection: \(failure.map { "\($0)" } ?? "too late")")
    }

    private func connect(
        to address: IPAddress, _ request: OutgoingRequest, in exchange: Exchange, tls: NIOSSLContext?
    ) async throws -> any Channel {
        let limit = request.maximumResponseBytes
        let name = request.url.address == nil ? request.url.host : nil
        return try await ClientBootstrap(group: exchange.eventLoop)
            .connectTimeout(Self.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                    try channel.pipeline.syncOperations.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
                    try channel.pipeline.syncOperations.addHandler(
                        ResponseCollector(exchange: exchange, maximumBytes: limit))
                }
            }
            .connect(to: SocketAddress(packedIPAddress: ByteBuffer(bytes: address.bytes), port: request.url.port))
            .get()
    }

    private static func write(_ request: OutgoingRequest, to channel: any Channel) {
        var headers = HTTPHeaders([("Host", request.url.authority)])
        for header in request.headers { headers.add(name: header.name, value: header.value) }
        if !request.body.isEmpty || request.method != "GET" {
            headers.replaceOrAdd(name: "Content-Length", value: String(request.body.count))
        }
        headers.replaceOrAdd(name: "Connection", value: "close")
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
