import NIOCore
import NIOHTTP1
import NIOPosix

/// An HTTP/1.1 server on SwiftNIO: whole requests in, whole answers out, at one or several places.
///
/// `docs/decisions/0002-http-on-swiftnio.md` says why there is no framework in between.
public struct HTTPServer: Sendable {
    private let listeners: [any Channel]
    private let group: MultiThreadedEventLoopGroup
    private let workers: [NIOLoopBound<HTTPWorker>]
    private let sweeps: [RepeatedTask]

    /// The address the first listener listens on, `127.0.0.1:8008`.
    public var localAddress: String { localAddresses[0] }

    /// The addresses of all listeners, in the order in which they were given.
    public var localAddresses: [String] {
        listeners.map { listener in
            guard let address = listener.localAddress else { return "unknown" }
            guard let host = address.ipAddress else { return address.pathname ?? "unknown" }
            return (host.contains(":") ? "[\(host)]" : host) + ":\(address.port ?? 0)"
        }
    }

    /// A server that listens at one place.
    public static func start(
        configuration: HTTPServerConfiguration, responder: any HTTPResponder,
        threadCount: Int = System.coreCount
    ) async throws -> HTTPServer {
        try await start(
            [HTTPListener(configuration: configuration, responder: responder)], threadCount: threadCount)
    }

    /// A place where a server cannot listen.
    public struct CannotListen: Error, CustomStringConvertible {
        public let place: HTTPServerConfiguration.Place
        public let reason: String

        public var description: String {
            switch place {
            case .tcp(let address, let port): "cannot listen on \(address), port \(port): \(reason)"
            case .unix(let path): "cannot listen on \(path): \(reason)"
            }
        }
    }

    /// - Throws: ``CannotListen``; then none of the listeners is open.
    public static func start(
        _ listeners: [HTTPListener], threadCount: Int = System.coreCount
    ) async throws -> HTTPServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threadCount)
        var channels: [any Channel] = []
        var workers: [NIOLoopBound<HTTPWorker>] = []
        for listener in listeners {
            do {
                let (channel, itsWorkers) = try await listener.bind(on: group)
                channels.append(channel)
                workers += itsWorkers
            } catch {
                try await group.shutdownGracefully()
                throw CannotListen(place: listener.configuration.place, reason: "\(error)")
            }
        }
        let sweeps = workers.map { worker in
            worker.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(5), delay: .seconds(5)) { _ in
                worker.value.sweep(at: .now())
            }
        }
        return HTTPServer(listeners: channels, group: group, workers: workers, sweeps: sweeps)
    }

    /// Stops listening, has waiting requests answered, and closes what is still open after `grace`.
    public func stop(grace: Duration = .seconds(3), clock: some Clock<Duration>) async throws {
        for listener in listeners { try? await listener.close() }
        for sweep in sweeps { sweep.cancel() }
        let deadline = clock.now.advanced(by: grace)
        while clock.now < deadline {
            var busyCount = 0
            for worker in workers {
                busyCount += try await worker.eventLoop.submit { worker.value.stop() }.get()
            }
            if busyCount == 0 { break }
            try await clock.sleep(until: clock.now.advanced(by: .milliseconds(20)), tolerance: nil)
        }
        try await group.shutdownGracefully()
    }
}
