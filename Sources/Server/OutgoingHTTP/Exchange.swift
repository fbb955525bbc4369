import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// One request's way to its answer: the first outcome counts, and ends the connection.
final class Exchange: Sendable {
    private struct State {
        var isOver = false
        var channel: (any Channel)?
    }

    let eventLoop: any EventLoop
    private let promise: EventLoopPromise<OutgoingResponse>
    private let state = Mutex(State())

    init(eventLoop: any EventLoop, timeout: Duration, url: OutgoingURL) {
        self.eventLoop = eventLoop
        promise = eventLoop.makePromise()
        let timer = eventLoop.scheduleTask(in: TimeAmount(timeout)) { [weak self] in
            self?.fail(OutgoingHTTPError(.timedOut, "\(url.authority) took longer than \(timeout)"))
        }
        promise.futureResult.whenComplete { _ in timer.cancel() }
    }

    deinit { fail(OutgoingHTTPError(.cancelled, "the call was given up")) }

    var response: EventLoopFuture<OutgoingResponse> { promise.futureResult }

    var isOver: Bool { state.withLock { $0.isOver } }

    /// The connection to close when the exchange is over.
    func use(_ channel: any Channel) {
        let isOver = state.withLock { state in
            if !state.isOver { state.channel = channel }
            return state.isOver
        }
        if isOver { channel.close(promise: nil) }
    }

    func succeed(_ response: OutgoingResponse) { end { promise.succeed(response) } }

    func fail(_ error: any Error) { end { promise.fail(error) } }

    private func end(_ answer: () -> Void) {
        let (isFirst, channel) = state.withLock { state in
            defer {
                state.isOver = true
                state.channel = nil
            }
            return (!state.isOver, state.channel)
        }
        guard isFirst else { return }
        answer()
        channel?.close(promise: nil)
    }
}

/// Puts an answer together, up to a size.
final class ResponseCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let exchange: Exchange
    private let maximumBytes: Int
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []

    init(exchange: Exchange, maximumBytes: Int) {
        self.exchange = exchange
        self.maximumBytes = maximumBytes
    }

    func handlerAdded(context: ChannelHandlerContext) { exchange.use(context.channel) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let buffer):
            guard body.count + buffer.readableBytes <= maximumBytes else {
                exchange.fail(
                    OutgoingHTTPError(.responseTooLarge, "the answer has more than \(maximumBytes) bytes"))
                return
            }
            body.append(contentsOf: buffer.readableBytesView)
        case .end:
            guard let head else { return }
            exchange.succeed(
                OutgoingResponse(
                    status: Int(head.status.code), headers: head.headers.map { ($0.name, $0.value) }, body: body))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isTLS = error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError
        // A connection that ends without TLS's own goodbye may still have brought a whole answer.
        if case .uncleanShutdown? = error as? NIOSSLError { return context.close(promise: nil) }
        exchange.fail(OutgoingHTTPError(isTLS ? .untrusted : .brokenResponse, "\(error)"))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        exchange.fail(OutgoingHTTPError(.brokenResponse, "the connection ended before the answer"))
        context.fireChannelInactive()
    }
}
