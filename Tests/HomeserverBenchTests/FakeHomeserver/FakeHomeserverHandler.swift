import CanonicalJSON
import HomeserverBench
import NIOCore
import NIOHTTP1

/// A request as the fake homeserver sees it.
struct FakeRequest: Sendable {
    /// Decoded segments after `/_matrix/client/v3`.
    let path: [String]
    let query: [String: String]
    let userID: String
    let body: JSONObject

    init(_ head: HTTPRequestHead, body: ByteBuffer) {
        let halves = head.uri.split(separator: "?", maxSplits: 1)
        let segments = (halves.first ?? "").split(separator: "/").map(Self.decoded)
        path = Array(segments.dropFirst(segments.contains("v3") ? 3 : 2))
        var query: [String: String] = [:]
        for pair in halves.count > 1 ? halves[1].split(separator: "&") : [] {
            let parts = pair.split(separator: "=", maxSplits: 1)
            query[String(parts[0])] = parts.count > 1 ? Self.decoded(parts[1]) : ""
        }
        self.query = query
        userID = String((head.headers.first(name: "authorization") ?? "").dropFirst("Bearer ".count))
        self.body = parse(body)?.objectValue ?? [:]
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Reads requests of one connection and writes the fake homeserver's answers.
final class FakeHomeserverHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let server: FakeHomeserver
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(server: FakeHomeserver) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
        case .body(var part): body.writeBuffer(&part)
        case .end:
            guard let head = head.take() else { return }
            server.answer(FakeRequest(head, body: body), on: context.eventLoop)
                .hop(to: context.eventLoop).assumeIsolated().whenSuccess { [self] in write($0, context) }
        }
    }

    private func write(_ answer: FakeAnswer, _ context: ChannelHandlerContext) {
        let bytes = answer.json.bytes()
        var headers = HTTPHeaders(answer.headers)
        headers.add(name: "Content-Length", value: String(bytes.count))
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
