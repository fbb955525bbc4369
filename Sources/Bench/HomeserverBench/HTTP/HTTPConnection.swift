import NIOCore

/// One simulated client's connection to the server: keep-alive, one request at a time, opened again when it was lost.
///
/// Confined to its event loop: every method is called there, and so is every completion.
package final class HTTPConnection {
    package typealias Completion = (Result<HTTPAnswer, BenchError>) -> Void

    private let connector: HTTPConnector
    private let eventLoop: NIOIsolatedEventLoop
    private let monotonicNanoseconds: @Sendable () -> UInt64

    private var collector: AnswerCollector?
    private var waiting: Waiting?
    private var requestCount: UInt64 = 0
    private var timer: Scheduled<Void>?
    private var isClosed = false

    private struct Waiting {
        let number: UInt64
        let deadlineNanoseconds: UInt64
        let completion: Completion
    }

    /// Must be called on `eventLoop`.
    package init(connector: HTTPConnector, eventLoop: any EventLoop, environment: BenchEnvironment) {
        self.connector = connector
        self.eventLoop = eventLoop.assumeIsolated()
        monotonicNanoseconds = environment.monotonicNanoseconds
    }

    /// Whether the next request goes out on a connection that has carried others, which the server may be closing.
    package var isReused: Bool { collector?.isOpen == true && requestCount > 0 }

    /// Connects without sending; `opened` is called exactly once, with what went wrong if anything did.
    package func open(_ opened: @escaping (BenchError?) -> Void) {
        connector.connect(on: eventLoop.nonisolated()).assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let channel):
                collector = isClosed ? nil : Self.collector(of: channel)
                if collector == nil { channel.close(promise: nil) }
                opened(nil)
            case .failure(let error):
                opened(error as? BenchError ?? BenchError(.cannotConnect, "\(error)"))
            }
        }
    }

    /// Sends one request; `completion` is called exactly once, unless ``close()`` comes first.
    package func send(_ request: ByteBuffer, timeout: TimeAmount, completion: @escaping Completion) {
        precondition(waiting == nil, "one request at a time")
        requestCount += 1
        let deadline = monotonicNanoseconds() + UInt64(timeout.nanoseconds)
        waiting = Waiting(number: requestCount, deadlineNanoseconds: deadline, completion: completion)
        if timer == nil { armTimer(in: timeout) }
        if let collector, collector.isOpen {
            write(request, to: collector)
        } else {
            connect(thenWrite: request, number: requestCount)
        }
    }

    /// Closes the connection; a request in flight is forgotten.
    package func close() {
        isClosed = true
        waiting = nil
        timer?.cancel()
        timer = nil
        collector?.abandon()
        collector = nil
    }

    private func connect(thenWrite request: ByteBuffer, number: UInt64) {
        connector.connect(on: eventLoop.nonisolated()).assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let channel):
                guard !isClosed, waiting?.number == number,
                    let collector = Self.collector(of: channel)
                else {
                    channel.close(promise: nil)
                    if waiting?.number == number {
                        complete(.failure(BenchError(.disconnected, "the server closed the connection")))
                    }
                    return
                }
                self.collector = collector
                write(request, to: collector)
            case .failure(let error):
                guard waiting?.number == number else { return }
                complete(.failure(error as? BenchError ?? BenchError(.cannotConnect, "\(error)")))
            }
        }
    }

    /// The channel's collector; nil when the channel has closed already and taken its handlers down.
    private static func collector(of channel: any Channel) -> AnswerCollector? {
        do { return try channel.pipeline.syncOperations.handler(type: AnswerCollector.self) } catch { return nil }
    }

    private func write(_ request: ByteBuffer, to collector: AnswerCollector) {
        collector.write(request) { [self] result in complete(result) }
    }

    private func complete(_ result: Result<HTTPAnswer, BenchError>) {
        guard let waiting = waiting.take() else { return }
        if case .failure = result { collector = nil }
        waiting.completion(result)
    }

    // One timer runs on and looks at the deadline of the moment: cheaper than one timer for every request.

    private func armTimer(in delay: TimeAmount) {
        timer = eventLoop.scheduleTask(in: delay) { [self] in timerFired() }
    }

    private func timerFired() {
        timer = nil
        guard let waiting else { return }
        let instant = monotonicNanoseconds()
        if waiting.deadlineNanoseconds > instant {
            armTimer(in: .nanoseconds(Int64(waiting.deadlineNanoseconds - instant)))
        } else {
            collector?.abandon()
            complete(.failure(BenchError(.timedOut, "the server did not answer in time")))
        }
    }
}
