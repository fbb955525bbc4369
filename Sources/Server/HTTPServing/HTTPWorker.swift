import NIOCore
import NIOHTTP1

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the connections of one event loop share. Its state is touched on that event loop only.
final class HTTPWorker {
    let configuration: HTTPServerConfiguration
    let responder: any HTTPResponder
    let executor: EventLoopExecutor
    private(set) var isStopping = false
    private let maximumConnections: Int
    private var connections: [ObjectIdentifier: (handler: HTTPConnectionHandler, context: ChannelHandlerContext)] = [:]
    private var date = HTTPDate()

    init(
        eventLoop: any EventLoop, configuration: HTTPServerConfiguration, responder: any HTTPResponder,
        maximumConnections: Int
    ) {
        self.configuration = configuration
        self.responder = responder
        self.maximumConnections = maximumConnections
        executor = EventLoopExecutor(eventLoop: eventLoop)
    }

    /// - Returns: false when there are too many connections.
    func add(_ handler: HTTPConnectionHandler, context: ChannelHandlerContext) -> Bool {
        guard connections.count < maximumConnections, !isStopping else { return false }
        connections[ObjectIdentifier(handler)] = (handler, context)
        return true
    }

    func remove(_ handler: HTTPConnectionHandler) {
        connections[ObjectIdentifier(handler)] = nil
    }

    func dateText() -> String { date.text(at: time(nil)) }

    /// Closes the connections that keep us waiting: one timer for all of them, since a timer each is memory each.
    func sweep(at now: NIODeadline) {
        for (handler, context) in connections.values where handler.isOverdue(at: now, configuration: configuration) {
            context.close(promise: nil)
        }
    }

    /// Ends the waiting requests and closes the idle connections. Answers how many are still busy.
    func stop() -> Int {
        isStopping = true
        var busyCount = 0
        for (handler, context) in connections.values {
            if handler.isIdleAfterCancelling { context.close(promise: nil) } else { busyCount += 1 }
        }
        return busyCount
    }
}
