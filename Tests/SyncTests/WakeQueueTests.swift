import MatrixIdentifiers
import Sync
import Testing

@Suite(.timeLimit(.minutes(1))) struct WakeQueueTests {
    private struct Wait {
        let stream: UserStream
        let task: Task<WakeTurn, Never>
    }

    /// A wait of a user of his own that has begun.
    private func wait(in wakes: WakeQueue, _ number: Int) async -> Wait {
        let stream = UserStream(userID: UserID("@user\(number):test")!, now: 0, wakes: wakes)
        let version = stream.version
        let task = Task { await stream.wait(after: version) { _ in } }
        while stream.waitCount == 0 { await Task.yield() }
        return Wait(stream: stream, task: task)
    }

    @Test func aFewGoOnAtATime() async {
        let wakes = WakeQueue(maximumTurns: 2)
        var waits: [Wait] = []
        for number in 0..<5 { waits.append(await wait(in: wakes, number)) }
        let finished = AsyncStream<Int>.makeStream()
        for (number, wait) in waits.enumerated() {
            wait.stream.wakeAll()
            Task {
                _ = await wait.task.value
                finished.continuation.yield(number)
            }
        }
        var numbers = finished.stream.makeAsyncIterator()
        let firstTwo = Set([await numbers.next(), await numbers.next()])
        #expect(firstTwo == [0, 1])
        // Each that finishes lets the next one go on, in the order in which they were woken.
        for number in 2..<5 {
            await waits[number - 2].task.value.finish()
            #expect(await numbers.next() == number)
        }
        for number in 3..<5 { await waits[number].task.value.finish() }
        // Then there is room again.
        let late = await wait(in: wakes, 5)
        late.stream.wakeAll()
        #expect(await late.task.value.isHeld)
    }

    @Test func whoIsWokenByHisDeadlineHoldsNoTurn() async {
        let wakes = WakeQueue(maximumTurns: 1)
        let stream = UserStream(userID: UserID("@user:test")!, now: 0, wakes: wakes)
        let turn = await stream.wait(after: stream.version) { stream.wake($0) }
        #expect(!turn.isHeld)
    }

    @Test func failingGivesTheTurnOn() async throws {
        struct Failure: Error {}
        let wakes = WakeQueue(maximumTurns: 1)
        let first = await wait(in: wakes, 0)
        let second = await wait(in: wakes, 1)
        first.stream.wakeAll()
        second.stream.wakeAll()
        await #expect(throws: Failure.self) {
            try await first.task.value.hold { throw Failure() }
        }
        #expect(await second.task.value.isHeld)
    }
}
