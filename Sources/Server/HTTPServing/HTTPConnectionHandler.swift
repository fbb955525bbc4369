import NIOCore
import NIOHTTP1

/// One connection: collects a request, has it answered, writes the answer, and so on.
///
/// All state is touched on the connection's event loop only.
final class HTTPConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Waiting for a request; since when, for the idle timeout.
        case idle(since: NIODeadline)
        /// Something has come, but not a whole head yet.
        case receivingHead(since: NIODeadline)
        case receiving(head: HTTPRequestHead, body: [UInt8], since: NIODeadline)
        /// The body passed the limit: the rest is read and dropped, the answer is out.
        case discarding(since: NIODeadline)
        case responding(Task<Void, Never>)
        case closed
    }

    /// Parts of requests that were sent before the earlier answer (pipelining); beyond it the connection is closed.
    private static let maximumPipelinedParts = 64

    private let worker: HTTPWorker
    private var state: State = .closed
    private var pipelinedParts: [HTTPServerRequestPart] = []
    private var remoteAddress = ""

    init(worker: HTTPWorker) { self.worker = worker }

    func channelActive(context: ChannelHandlerContext) {
        remoteAddress = context.remoteAddress?.ipAddress ?? "unknown"
        state = .idle(since: .now())
        guard worker.add(self, context: context) else { return context.close(promise: nil) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .responding(let task) = state { task.cancel() }
        state = .closed
        pipelinedParts = []
        worker.remove(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The other end reset the connection, or what it sent is no HTTP; the protocol error handler has answered.
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if case .responding = state {
            pipelinedParts.append(part)
            if pipelinedParts.count > Self.maximumPipelinedParts { context.close(promise: nil) }
            return
        }
        receive(part, context: context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Bytes that made no part of a request are the beginning of a head.
        if case .idle = state { state = .receivingHead(since: .now()) }
        context.fireChannelReadComplete()
    }

    private func receive(_ part: HTTPServerRequestPart, context: ChannelHandlerContext) {
        switch (part, state) {
        case (.head(let head), .idle), (.head(let head), .receivingHead):
            if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
                let head = HTTPResponseHead(version: head.version, status: .continue)
                context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
            }
            state = .receiving(head: head, body: [], since: .now())
        case (.body(let buffer), .receiving(let head, var body, let since)):
            // Taken out of the state first, so that appending does not copy what is there.
            state = .discarding(since: since)
            let limit = worker.configuration.maximumBodyBytes
            guard body.count + buffer.readableBytes <= limit else {
                let response = worker.responder.respondToOversizedBody(limitBytes: limit)
                write(response, to: head, keepAlive: false, context: context)
                return
            }
            body.append(contentsOf: buffer.readableBytesView)
            state = .receiving(head: head, body: body, since: since)
        case (.end, .receiving(let head, let body, _)):
            respond(to: head, body: body, context: context)
        default:
            break
        }
    }

    private func respond(to head: HTTPRequestHead, body: [UInt8], context: ChannelHandlerContext) {
        let address = ForwardedAddress.client(
            peer: remoteAddress, hops: head.headers[canonicalForm: "x-forwarded-for"],
            trustedProxies: worker.configuration.trustedProxies)
        let request = HTTPRequest(
            head: head, body: body, remoteAddress: address, isEncrypted: worker.configuration.tls != nil)
        let responder = worker.responder
        let reply = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let head = HTTPRequestHead(version: head.version, method: head.method, uri: "", headers: head.headers)
        state = .responding(
            Task(executorPreference: worker.executor) {
                let response = await responder.respond(to: request)
                reply.value.0.finish(response, to: head, context: reply.value.1)
            })
    }

    private func finish(_ response: HTTPResponse, to head: HTTPRequestHead, context: ChannelHandlerContext) {
        guard case .responding = state else { return }
        let keepAlive = head.isKeepAlive && !worker.isStopping
        state = .idle(since: .now())
        write(response, to: head, keepAlive: keepAlive, context: context)
        let parts = pipelinedParts
        pipelinedParts = []
        for part in parts { channelRead(context: context, data: NIOAny(part)) }
    }

    private func write(
        _ response: HTTPResponse, to head: HTTPRequestHead, keepAlive: Bool, context: ChannelHandlerContext
    ) {
        var headers = HTTPHeaders()
        headers.reserveCapacity(response.headers.count + 3)
        for (name, value) in response.headers { headers.add(name: name, value: value) }
        headers.add(name: "Content-Length", value: String(response.body.count))
        headers.add(name: "Date", value: worker.dateText())
        if !keepAlive { headers.add(name: "Connection", value: "close") }
        let responseHead = HTTPResponseHead(
            version: head.version, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
        context.write(wrapOutboundOut(.head(responseHead)), promise: nil)
        if head.method != .HEAD, !response.body.isEmpty {
            let buffer = context.channel.allocator.buffer(bytes: response.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
        }
        let end = wrapOutboundOut(.end(nil))
        if keepAlive {
            context.writeAndFlush(end, promise: nil)
        } else {
            let context = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.value.writeAndFlush(end).whenComplete { _ in context.value.close(promise: nil) }
        }
    }

    // MARK: What the worker's sweep asks

    /// Whether the connection has been silent for longer than the configuration allows.
    func isOverdue(at now: NIODeadline, configuration: HTTPServerConfiguration) -> Bool {
        switch state {
        case .idle(let since): now - since > TimeAmount(configuration.idleTimeout)
        case .receivingHead(let since), .receiving(_, _, let since), .discarding(let since):
            now - since > TimeAmount(configuration.receiveTimeout)
        case .responding, .closed: false
        }
    }

    /// The server stops: a waiting request is asked to answer at once, an idle connection has nothing to wait for.
    var isIdleAfterCancelling: Bool {
        switch state {
        case .responding(let task):
            task.cancel()
            return false
        case .idle, .closed, .discarding: return true
        case .receiving, .receivingHead: return false
        }
    }
}
