import NIOCore
import Synchronization

/// One request's way to its answer: the first outcome counts. Failing ends the connection; succeeding leaves it to
/// whoever has it.
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

    /// The connection to close when the exchange fails.
    func use(_ channel: any Channel) {
        let isOver = state.withLock { state in
            if !state.isOver { state.channel = channel }
            return state.isOver
        }
        if isOver { channel.close(promise: nil) }
    }

    /// The connection was closed before it brought anything: the exchange goes on with another one.
    func loseConnection() { state.withLock { $0.channel = nil } }

    func succeed(_ response: OutgoingResponse) { _ = end { promise.succeed(response) } }

    func fail(_ error: any Error) { end { promise.fail(error) }?.close(promise: nil) }

    /// - Returns: the connection, for the first outcome.
    private func end(_ answer: () -> Void) -> (any Channel)? {
        let (isFirst, channel) = state.withLock { state in
            defer {
                state.isOver = true
                state.channel = nil
            }
            return (!state.isOver, state.channel)
        }
        if isFirst { answer() }
        return channel
    }
}
