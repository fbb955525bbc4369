import NIOCore
import NIOHTTP1
import NIOSSL

/// Puts the answers of one connection together, one after the other, each up to a size.
///
/// All of it is called on the connection's event loop.
final class ResponseCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    /// What the connection is doing for a request.
    struct Work {
        let exchange: Exchange
        let maximumBytes: Int
        /// Asks again on another connection; nil when the request must not be repeated.
        let retry: (@Sendable () -> Void)?
    }

    private var work: Work?
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    /// What went wrong while the connection did nothing for anybody: in TLS's handshake, say.
    private var failure: (any Error)?
    /// Told after each answer whether the connection may be used again.
    private let finished: @Sendable (any Channel, _ isReusable: Bool) -> Void

    init(finished: @escaping @Sendable (any Channel, _ isReusable: Bool) -> Void) { self.finished = finished }

    /// - Returns: whether the request can be written.
    func begin(_ work: Work, on channel: any Channel) -> Bool {
        if let failure {
            work.exchange.fail(failure)
        } else if !channel.isActive {
            lose(work)
        } else {
            self.work = work
            work.exchange.use(channel)
            return true
        }
        return false
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let work else { return context.close(promise: nil) }
        switch unwrapInboundIn(data) {
        case .head(let head):
            // What is informational (1xx) is followed by the answer.
            guard head.status.code >= 200 else { return }
            self.head = head
        case .body(let buffer):
            guard body.count + buffer.readableBytes <= work.maximumBytes else {
                work.exchange.fail(
                    OutgoingHTTPError(.responseTooLarge, "the answer has more than \(work.maximumBytes) bytes"))
                return
            }
            body.append(contentsOf: buffer.readableBytesView)
        case .end: finish(context.channel, work)
        }
    }

    private func finish(_ channel: any Channel, _ work: Work) {
        guard let head else { return }
        let response = OutgoingResponse(
            status: Int(head.status.code), headers: head.headers.map { ($0.name, $0.value) }, body: body)
        let isReusable = head.isKeepAlive && channel.isActive
        self.work = nil
        self.head = nil
        body = []
        work.exchange.succeed(response)
        finished(channel, isReusable)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isTLS = error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError
        // A connection that ends without TLS's own goodbye may still have brought a whole answer.
        if case .uncleanShutdown? = error as? NIOSSLError { return context.close(promise: nil) }
        let failure = OutgoingHTTPError(isTLS ? .untrusted : .brokenResponse, "\(error)")
        self.failure = failure
        work?.exchange.fail(failure)
        work = nil
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finished(context.channel, false)
        if let work {
            self.work = nil
            lose(work)
        }
        context.fireChannelInactive()
    }

    private func lose(_ work: Work) {
        if let retry = work.retry, head == nil, !work.exchange.isOver {
            work.exchange.loseConnection()
            retry()
        } else {
            work.exchange.fail(OutgoingHTTPError(.brokenResponse, "the connection ended before the answer"))
        }
    }
}
