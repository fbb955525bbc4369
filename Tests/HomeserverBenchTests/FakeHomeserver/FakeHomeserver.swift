import CanonicalJSON
import HomeserverBench
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// As much of a homeserver as the scenarios need, on loopback in this process, with faults to be found.
final class FakeHomeserver: Sendable {
    private let state: Mutex<FakeHomeserverState>
    private let channels = Mutex<[any Channel]>([])

    init(faults: FakeFaults = FakeFaults()) { state = Mutex(FakeHomeserverState(faults: faults)) }

    /// Listens on a free port while `body` runs.
    func serving<Value: Sendable>(_ body: (BenchTarget) async throws -> Value) async throws -> Value {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { [self] channel in
                channels.withLock { $0.append(channel) }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(FakeHomeserverHandler(server: self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Result<Value, any Error>
        do {
            let url = try ServerURL("http://127.0.0.1:\(listener.localAddress?.port ?? 0)")
            result = .success(try await body(try BenchTarget(url: url, seed: 1, eventLoopCount: 2)))
        } catch {
            result = .failure(error)
        }
        try await listener.close()
        closeConnections()
        return try result.get()
    }

    func stopFailing() { state.withLock { $0.faults = FakeFaults() } }

    func answer(_ request: FakeRequest, on eventLoop: any EventLoop) -> EventLoopFuture<FakeAnswer> {
        let promise = eventLoop.makePromise(of: FakeAnswer.self)
        let answers = state.withLock { state in Self.route(request, promise, &state) }
        guard let answers else {
            closeConnections()
            promise.fail(ChannelError.eof)
            return promise.futureResult
        }
        for (promise, answer) in answers { promise.succeed(answer) }
        return promise.futureResult
    }

    private func closeConnections() {
        let open = channels.withLock { channels in
            defer { channels = [] }
            return channels
        }
        for channel in open { channel.close(promise: nil) }
        for waiting in state.withLock({ $0.waiting }) { waiting.promise.fail(ChannelError.eof) }
        state.withLock { $0.waiting = [] }
    }

    private typealias Answers = [(EventLoopPromise<FakeAnswer>, FakeAnswer)]

    /// What is to be answered to whom now; nil when the server is to stop.
    private static func route(
        _ request: FakeRequest, _ promise: EventLoopPromise<FakeAnswer>, _ state: inout FakeHomeserverState
    ) -> Answers? {
        if state.faults.refusals > 0 {
            state.faults.refusals -= 1
            return [(promise, FakeAnswer(429, ["errcode": "M_LIMIT_EXCEEDED"], headers: [("Retry-After", "0")]))]
        }
        let path = request.path
        switch (path.first, path.last) {
        case (_, "versions"): return [(promise, FakeAnswer(200, ["versions": ["v1.19"]]))]
        case (_, "register"): return [(promise, state.register(request.body))]
        case (_, "login"):
            let name = request.body["identifier"]?.objectValue?["user"]?.stringValue ?? ""
            return [(promise, state.session(of: "@\(name):fake"))]
        case (_, "createRoom"): return [(promise, state.createRoom(as: request.userID))]
        case (_, "filter"): return [(promise, FakeAnswer(200, ["filter_id": "0"]))]
        case ("rooms", "join"): return [(promise, state.join(path[1], as: request.userID))]
        case ("rooms", "messages"):
            return [(promise, state.messages(in: path[1], from: request.query["from"].flatMap { Int($0) }))]
        case ("rooms", _) where path.count == 5:
            guard let answer = state.send(request.body, to: path[1]) else { return nil }
            return [(promise, answer)] + wake(&state)
        case ("sync", _):
            guard let since = request.query["since"].flatMap({ Int($0) }) else {
                return [(promise, state.syncAnswer())]
            }
            state.waiting.append(.init(userID: request.userID, since: since, promise: promise))
            return wake(&state)
        default: return [(promise, FakeAnswer(404, ["errcode": "M_UNRECOGNIZED"]))]
        }
    }

    private static func wake(_ state: inout FakeHomeserverState) -> Answers {
        let waiting = state.waiting
        state.waiting = []
        var answers: Answers = []
        for one in waiting {
            if let answer = state.sync(as: one.userID, since: one.since) {
                answers.append((one.promise, answer))
            } else {
                state.waiting.append(one)
            }
        }
        return answers
    }
}
