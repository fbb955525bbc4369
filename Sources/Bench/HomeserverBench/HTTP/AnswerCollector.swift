import NIOCore
import NIOHTTP1

/// A whole answer to a request.
package struct HTTPAnswer: Sendable {
    package let status: Int
    /// The `Retry-After` header of a refusal (429), as it was sent.
    package let retryAfter: String?
    package let body: ByteBuffer
}

/// Writes requests that are bytes already.
///
/// The response decoder behind this handler must see a request's head pass, since it refuses answers that nobody asked
/// for. So a head passes it and ends here, and what is written is the body: the bytes of the whole request.
package final class PrebuiltRequestEncoder: ChannelOutboundHandler {
    package typealias OutboundIn = HTTPClientRequestPart
    package typealias OutboundOut = ByteBuffer

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .body(.byteBuffer(let bytes)) = unwrapOutboundIn(data) {
            context.write(wrapOutboundOut(bytes), promise: promise)
        } else {
            promise?.succeed()
        }
    }
}

/// Puts the parts of an answer together and hands it to whoever waits for it; one request at a time.
package final class AnswerCollector: ChannelInboundHandler {
    package typealias InboundIn = HTTPClientResponsePart
    package typealias OutboundOut = HTTPClientRequestPart

    /// More than any honest answer; a server that sends more is cut off.
    private static let largestBody = 64 << 20
    private static let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")

    private var context: ChannelHandlerContext?
    private var completion: ((Result<HTTPAnswer, BenchError>) -> Void)?
    private var status = 0
    private var retryAfter: String?
    private var keepAlive = true
    private var body: ByteBuffer?

    package var isOpen: Bool { context?.channel.isActive ?? false }

    /// Writes `request`; `completion` is called once, from the event loop, unless ``abandon()`` comes first.
    package func write(_ request: ByteBuffer, completion: @escaping (Result<HTTPAnswer, BenchError>) -> Void) {
        precondition(self.completion == nil, "one request at a time")
        guard let context else {
            return completion(.failure(BenchError(.disconnected, "the connection is closed")))
        }
        self.completion = completion
        context.write(wrapOutboundOut(.head(Self.head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(request))), promise: nil)
    }

    /// Forgets the request in flight and closes the connection.
    package func abandon() {
        completion = nil
        context?.close(promise: nil)
    }

    package func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    package func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            // An informational answer (1xx) precedes the one that counts.
            status = Int(head.status.code)
            keepAlive = head.isKeepAlive
            retryAfter = status == 429 ? head.headers.first(name: "retry-after") : nil
            body = nil
        case .body(let part):
            guard var whole = body else {
                body = part
                return
            }
            body = nil
            guard whole.readableBytes + part.readableBytes <= Self.largestBody else {
                return fail(context, BenchError(.unexpectedAnswer, "an answer is larger than 64 MiB"))
            }
            whole.writeImmutableBuffer(part)
            body = whole
        case .end:
            finish(context)
        }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        fail(context, BenchError(.disconnected, "the server closed the connection"))
        context.fireChannelInactive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let reason: BenchError
        if let failure = error as? IOError {
            reason = BenchError(.disconnected, "the connection broke: \(systemMessage(failure.errnoCode))")
        } else {
            reason = BenchError(.unexpectedAnswer, "the answer is not HTTP: \(error)")
        }
        fail(context, reason)
    }

    private func finish(_ context: ChannelHandlerContext) {
        guard status >= 200 || status == 101 else { return }
        let answer = HTTPAnswer(status: status, retryAfter: retryAfter, body: body ?? ByteBuffer())
        body = nil
        // Taken before closing, which would report it as lost.
        let completion = completion.take()
        if !keepAlive { context.close(promise: nil) }
        completion?(.success(answer))
    }

    private func fail(_ context: ChannelHandlerContext, _ error: BenchError) {
        let completion = completion.take()
        context.close(promise: nil)
        completion?(.failure(error))
    }
}
