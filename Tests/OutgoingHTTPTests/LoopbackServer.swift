import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server on loopback that answers every request with the same bytes, and keeps what was asked.
final class LoopbackServer: Sendable {
    /// When a connection is closed.
    enum Closing: Sendable {
        case afterEachAnswer
        /// It stays open for further requests.
        case never
        /// The first is answered; the next finds the connection closed.
        case onSecondRequest
    }

    private let listener: any Channel
    private let asked: Mutex<[String]>
    private let accepted: Mutex<Int>

    var port: Int { listener.localAddress?.port ?? 0 }
    var requests: [String] { asked.withLock { $0 } }
    var connections: Int { accepted.withLock { $0 } }

    /// - Parameter answer: nil for a server that never answers.
    static func run<Value>(
        answering answer: String?, isTLS: Bool = false, closing: Closing = .afterEachAnswer,
        _ body: (LoopbackServer) async throws -> Value
    ) async throws -> Value {
        let server = try await LoopbackServer(answer: answer, isTLS: isTLS, closing: closing)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(server))
        } catch {
            result = .failure(error)
        }
        try await server.listener.close()
        return try result.get()
    }

    private init(answer: String?, isTLS: Bool, closing: Closing) async throws {
        let asked = Box()
        let context = try isTLS ? Self.tlsContext() : nil
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    asked.server.withLock { $0 }?.accepted.withLock { $0 += 1 }
                    try channel.pipeline.syncOperations.addHandler(
                        AnswerHandler(answer: answer, closing: closing, asked: asked))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.asked = Mutex([])
        accepted = Mutex(0)
        asked.server.withLock { $0 = self }
    }

    private final class Box: Sendable {
        let server = Mutex<LoopbackServer?>(nil)
    }

    private static func tlsContext() throws -> NIOSSLContext {
        let certificate = try NIOSSLCertificate(bytes: Array(certificatePEM.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(keyPEM.utf8), format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(certificate)], privateKey: .privateKey(key)))
    }

    private final class AnswerHandler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let answer: String?
        private let asked: Box
        private let closing: Closing
        private var text = ""
        private var answered = 0

        init(answer: String?, closing: Closing, asked: Box) {
            self.answer = answer
            self.closing = closing
            self.asked = asked
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            guard text.contains("\r\n\r\n"), let answer else { return }
            if closing == .onSecondRequest, answered == 1 { return context.close(promise: nil) }
            asked.server.withLock { $0 }?.asked.withLock { [text] in $0.append(text) }
            text = ""
            answered += 1
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
            if closing == .afterEachAnswer { context.close(promise: nil) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    /// For localhost, until 2126; made for these tests and trusted nowhere.
    static let certificatePEM = """
        -----BEGIN CERTIFICATE-----
        MIIBlTCCATugAwIBAgIUY61gVJTFcmSt6Y4YEnVHnvlxePQwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTEzMDQ1M1oYDzIxMjYxMDI4
        MTMwNDUzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAAQgI05ds3/wGEpD3lSmhxXko7zKRok4jGGljc8btfOmoyu3+24pVDRS
        SHPys0tfjOiVnpNj/Pq7XUO90hG27enqo2kwZzAdBgNVHQ4EFgQUTLYK1lonLyiT
        x4HDff/HM8yuS6YwHwYDVR0jBBgwFoAUTLYK1lonLyiTx4HDff/HM8yuS6YwFAYD
        VR0RBA0wC4IJbG9jYWxob3N0MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwID
        SAAwRQIhALABiHm/EcjYwKWVq3mMGYy7fRqWMI3UFAVMXl+UnWuOAiAyBiGUGk1S
        agKP9qG1pD/p9zWNwSTUoGHZ0V2IemloEA==
        -----END CERTIFICATE-----
        """

    private static let keyPEM = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgbdXWor91fAW06tJk
        bz9vLPfvmoH0FH1puNyTaDgyRP6hRANCAAQgI05ds3/wGEpD3lSmhxXko7zKRok4
        jGGljc8btfOmoyu3+24pVDRSSHPys0tfjOiVnpNj/Pq7XUO90hG27enq
        -----END PRIVATE KEY-----
        """
}
