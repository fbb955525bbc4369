import MatrixIdentifiers
import ServerUnderTest

/// What is counted. Each plays its operation unseen first, so that caches and lazy values are there.
enum Scenarios {
    private static let warmUpCount = 50

    /// A message of one of two members; nobody waits for it.
    static func send(_ actors: Actors) async throws -> WorkCounter {
        let operationCount = 300
        let users = try await actors.server.users("alice", "bob")
        let roomID = try await actors.server.room(of: users)
        for number in 0..<warmUpCount { try await actors.send(number, as: users[0], in: roomID) }
        try await actors.settle()
        var counter = WorkCounter()
        try await counter.count(operations: operationCount) {
            for number in 0..<operationCount {
                try await actors.send(warmUpCount + number, as: users[0], in: roomID)
            }
            try await actors.settle()
        }
        return counter
    }

    /// A sync that finds one new message in one of the user's rooms.
    static func syncWithOneMessage(_ actors: Actors) async throws -> WorkCounter {
        let users = try await actors.server.users("alice", "bob")
        let roomID = try await actors.server.room(of: users)
        var since = try await actors.nextBatch(users[1])
        var counter = WorkCounter()
        for number in 0..<warmUpCount * 2 {
            try await actors.send(number, as: users[0], in: roomID)
            try await actors.settle()
            let (user, token) = (users[1], since)
            let answer: [UInt8]
            if number < warmUpCount {
                answer = try await actors.sync(user, since: token)
            } else {
                answer = try await counter.count(operations: 1) { try await actors.sync(user, since: token) }
            }
            try actors.expectMessages(1, in: answer, of: roomID)
            since = try SyncAnswer(answer).nextBatch
        }
        return counter
    }

    /// A sync that finds nothing and may not wait.
    static func syncWithNothing(_ actors: Actors) async throws -> WorkCounter {
        let operationCount = 300
        let users = try await actors.server.users("alice", "bob")
        let roomID = try await actors.server.room(of: users)
        try await actors.send(0, as: users[0], in: roomID)
        let since = try await actors.nextBatch(users[1])
        for _ in 0..<warmUpCount { _ = try await actors.sync(users[1], since: since) }
        try await actors.settle()
        var counter = WorkCounter()
        let answer = try await counter.count(operations: operationCount) {
            var answer: [UInt8] = []
            for _ in 0..<operationCount { answer = try await actors.sync(users[1], since: since) }
            return answer
        }
        try actors.expectRooms(0, in: answer)
        return counter
    }

    /// One message, until all 100 members who wait for it in a sync have it.
    static func fanOut(_ actors: Actors) async throws -> WorkCounter {
        let (warmUpCount, operationCount, memberCount) = (3, 10, 100)
        let sender = try await actors.server.user("sender")
        var members: [TestUser] = []
        for number in 0..<memberCount { members.append(try await actors.server.user("member\(number)")) }
        let roomID = try await actors.server.room(of: [sender] + members)
        var tokens: [String] = []
        for member in members { tokens.append(try await actors.nextBatch(member)) }
        var counter = WorkCounter()
        for number in 0..<warmUpCount + operationCount {
            let syncs = zip(members, tokens).map { member, token in
                Task { try await actors.sync(member, since: token, timeoutMilliseconds: 30_000) }
            }
            while actors.server.sync.waitCount < memberCount { await Task.yield() }
            try await actors.settle()
            let answers: [[UInt8]]
            if number < warmUpCount {
                answers = try await delivered(number, to: syncs, by: sender, in: roomID, actors)
            } else {
                answers = try await counter.count(operations: 1) {
                    try await delivered(number, to: syncs, by: sender, in: roomID, actors)
                }
            }
            tokens = []
            for answer in answers {
                try actors.expectMessages(1, in: answer, of: roomID)
                tokens.append(try SyncAnswer(answer).nextBatch)
            }
        }
        return counter
    }

    private static func delivered(
        _ number: Int, to syncs: [Task<[UInt8], any Error>], by sender: TestUser, in roomID: RoomID, _ actors: Actors
    ) async throws -> [[UInt8]] {
        try await actors.send(number, as: sender, in: roomID)
        var answers: [[UInt8]] = []
        for sync in syncs { answers.append(try await sync.value) }
        return answers
    }

    /// What a client asks for that was never there before: 100 rooms of two members, with ten messages in each.
    static func initialSync(_ actors: Actors) async throws -> WorkCounter {
        let (warmUpCount, operationCount, roomCount) = (3, 10, 100)
        let users = try await actors.server.users("alice", "bob")
        var number = 0
        for _ in 0..<roomCount {
            let roomID = try await actors.server.room(of: users)
            for _ in 0..<10 {
                try await actors.send(number, as: users[0], in: roomID)
                number += 1
            }
        }
        for _ in 0..<warmUpCount { _ = try await actors.sync(users[1], since: nil) }
        try await actors.settle()
        var counter = WorkCounter()
        let answer = try await counter.count(operations: operationCount) {
            var answer: [UInt8] = []
            for _ in 0..<operationCount { answer = try await actors.sync(users[1], since: nil) }
            return answer
        }
        try actors.expectRooms(roomCount, in: answer)
        return counter
    }
}
