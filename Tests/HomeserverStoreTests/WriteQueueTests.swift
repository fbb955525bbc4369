import HomeserverStore
import MatrixIdentifiers
import ServerUnderTest
import Testing

@Suite struct WriteQueueTests {
    @Test func commandsRunInOrderAndShareATransaction() async throws {
        try await QueueUnderTest.run { test throws in
            let before = test.database.commitCount
            let names = (0..<20).map { "user\($0)" }
            let results = try await test.inOneBatch(names.map { name in { try await test.write(name) } })
            #expect(results.allSatisfy { $0.error == nil })
            // The one that held the queue up, and the batch.
            #expect(test.database.commitCount - before == 2)
            let positions = (1...20).map(String.init).joined(separator: " ")
            #expect(test.log == names.map { "commit \($0)" } + ["to 20: \(positions); at 20"])
            #expect(test.queue.publishedPosition == StreamPosition(20))
            #expect(try await test.database.read { try $0.streamPosition() } == StreamPosition(20))
        }
    }

    @Test func valuesComeBackToWhoAsked() async throws {
        try await QueueUnderTest.run { test throws in
            let answers = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                for number in 0..<300 {
                    group.addTask { (number, try await test.queue.submit { _ in number * 7 }) }
                }
                var answers: [(Int, Int)] = []
                for try await answer in group { answers.append(answer) }
                return answers
            }
            #expect(answers.count == 300)
            #expect(answers.allSatisfy { $0.1 == $0.0 * 7 })
        }
    }

    @Test func aFailingCommandFailsAlone() async throws {
        try await QueueUnderTest.run { test throws in
            let results = try await test.inOneBatch([
                { try await test.write("first") },
                { try await test.write("bad", failing: true) },
                { try await test.write("last") },
            ])
            #expect(results.map { $0.error is QueueUnderTest.Failure } == [false, true, false])
            #expect(test.log == ["undo bad", "commit first", "commit last", "to 2: 1 2; at 2"])
            #expect(try await test.isStored("first"))
            #expect(try await test.isStored("last"))
            #expect(try await !test.isStored("bad"))
        }
    }

    @Test func withoutASavepointACommandMayRefuseBeforeItWrites() async throws {
        try await QueueUnderTest.run { test throws in
            let results = try await test.inOneBatch([
                { try await test.write("first", savepoint: false) },
                { try await test.queue.submit(savepoint: false) { _ in throw QueueUnderTest.Failure() } },
                { try await test.write("last", savepoint: false) },
            ])
            #expect(results.map { $0.error is QueueUnderTest.Failure } == [false, true, false])
            #expect(test.log == ["commit first", "commit last", "to 2: 1 2; at 2"])
        }
    }

    @Test func withoutASavepointAFailureAfterWritingFailsTheBatch() async throws {
        try await QueueUnderTest.run { test throws in
            let results = try await test.inOneBatch([
                { try await test.write("first") },
                { try await test.write("bad", failing: true, savepoint: false) },
                { try await test.write("last") },
            ])
            #expect(results.allSatisfy { $0.error is QueueUnderTest.Failure })
            #expect(test.log == ["undo bad", "undo first"])
            for name in ["first", "bad", "last"] { #expect(try await !test.isStored(name), "\(name)") }
            #expect(test.queue.publishedPosition == .zero)
            // The queue goes on.
            try await test.write("next")
            #expect(test.log.suffix(2) == ["commit next", "to 1: 1; at 1"])
        }
    }

    @Test func aFailingCommitFailsAllAndUndoesMemoryBackward() async throws {
        try await QueueUnderTest.run { test throws in
            try await test.write("early")
            test.database.setBroken(true)
            let results = try await test.inOneBatch([
                { try await test.write("first") }, { try await test.write("last") },
            ])
            #expect(results.allSatisfy { $0.error is BrokenDatabase.DiskFull })
            #expect(test.log == ["commit early", "to 1: 1; at 1", "undo last", "undo first"])
            #expect(test.queue.publishedPosition == StreamPosition(1))
            #expect(try await !test.isStored("first"))

            test.database.setBroken(false)
            try await test.write("next")
            #expect(test.queue.publishedPosition == StreamPosition(2))
            #expect(test.log.suffix(2) == ["commit next", "to 2: 2; at 2"])
        }
    }

    @Test func thePositionAdvancesOnlyOnceThingsAreDurable() async throws {
        try await QueueUnderTest.run { test throws in
            let inside = try await test.queue.submit { context in
                let position = context.nextPosition()
                return (position, test.queue.publishedPosition)
            }
            #expect(inside.0 == StreamPosition(1))
            #expect(inside.1 == .zero)
            // By the time the command is answered, readers find it.
            #expect(test.queue.publishedPosition == StreamPosition(1))
            try await test.queue.submit { context in
                _ = context.nextPosition()
                context.onCommit { test.note("published \(test.queue.publishedPosition)") }
            }
            #expect(test.log == ["published 1"])
        }
    }

    @Test func aFullQueueRefuses() async throws {
        try await QueueUnderTest.run { test throws in
            let gate = Gate()
            let blocker = Task { try await test.queue.submit { _ in gate.wait() } }
            await gate.waitUntilReached()
            let waiting = Task {
                await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<WriteQueue.maximumPendingCommands {
                        group.addTask { (try? await test.queue.submit { _ in }) != nil }
                    }
                    return await group.reduce(into: 0) { count, isDone in count += isDone ? 1 : 0 }
                }
            }
            while test.queue.pendingCount < WriteQueue.maximumPendingCommands { await Task.yield() }
            await #expect(throws: WriteQueue.Refused.self) { try await test.queue.submit { _ in } }
            gate.open()
            try await blocker.value
            #expect(await waiting.value == WriteQueue.maximumPendingCommands)
            try await test.queue.submit { _ in }
        }
    }

    @Test func stoppingFinishesWhatWasSubmitted() async throws {
        try await QueueUnderTest.run { test throws in
            let names = (0..<5).map { "user\($0)" }
            let gate = Gate()
            let blocker = Task { try await test.queue.submit { _ in gate.wait() } }
            await gate.waitUntilReached()
            let tasks = names.map { name in Task { try await test.write(name) } }
            while test.queue.pendingCount < names.count { await Task.yield() }
            DetachedThread.start { test.stop() }
            while !test.queue.isStopping { await Task.yield() }
            await #expect(throws: WriteQueue.Refused.self) { try await test.queue.submit { _ in } }
            gate.open()
            try await blocker.value
            for task in tasks { try await task.value }
            for name in names { #expect(try await test.isStored(name)) }
        }
    }
}
