import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import RandomJSON
import Rooms
import Rules
import ServerUnderTest
import Testing

/// Whatever users do to a room, its history is one that another server would accept, and memory agrees with it.
@Suite struct RandomHistoryTests {
    @Test(arguments: ["11", "12"]) func anyHistoryVerifies(version: String) async throws {
        var generator = SeededGenerator.fresh()
        print("SEED=\(generator.seed) (history of version \(version))")
        let seed = generator.seed
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol", "dave", "erin")
            let roomID = try await server.room(
                of: Array(users.prefix(3)), version: RoomVersionRules.named(version)!)
            var sent: [EventID] = []
            for step in 0..<30 {
                var operations: [@Sendable () async throws -> EventID?] = []
                for index in 0..<Int.random(in: 1...8, using: &generator) {
                    operations.append(
                        operation("\(step).\(index)", users, roomID, sent, server, using: &generator))
                }
                for result in try await server.inOneBatch(operations) {
                    if let eventID = try? result.get() { sent.append(eventID) }
                }
            }
            try await RoomHistory(roomID, of: server).verify()
            try await server.expectViewAgrees(roomID)
            try await server.afterRestart { next throws in
                try await next.expectViewAgrees(roomID)
                try await next.say("after the restart", as: users[0], in: roomID)
                try await RoomHistory(roomID, of: next).verify()
            }
            #expect(sent.count > 10, "SEED=\(seed)")
        }
    }

    /// Something that a user may try; much of it is refused.
    private func operation(
        _ name: String, _ users: [TestUser], _ roomID: RoomID, _ sent: [EventID], _ server: TestServer,
        using generator: inout SeededGenerator
    ) -> @Sendable () async throws -> EventID? {
        let (actor, target) = (users.randomElement(using: &generator)!, users.randomElement(using: &generator)!)
        let event = sent.randomElement(using: &generator)
        let choice = Int.random(in: 0..<14, using: &generator)
        let level = Int64([0, 50, 100].randomElement(using: &generator)!)
        let rooms = server.rooms
        return {
            switch choice {
            case 0...3: return try await server.say(name, as: actor, in: roomID)
            case 4: try await rooms.join(roomID, userID: actor.userID, reason: nil)
            // The maker stays, so that the room does not die out.
            case 5 where actor.userID != users[0].userID:
                try await rooms.leave(roomID, userID: actor.userID, reason: nil)
            case 6: try await rooms.invite(target.userID, to: roomID, by: actor.userID, reason: name)
            case 7 where target.userID != users[0].userID:
                try await rooms.kick(target.userID, from: roomID, by: actor.userID, reason: nil)
            case 8 where target.userID != users[0].userID:
                try await rooms.ban(target.userID, from: roomID, by: actor.userID, reason: nil)
            case 9: try await rooms.unban(target.userID, from: roomID, by: actor.userID, reason: nil)
            case 10:
                return try await rooms.setState(
                    "m.room.topic", stateKey: "", content: ["topic": .string(name)], in: roomID, sender: actor.userID)
            case 11:
                guard var content = try await rooms.room(roomID).read({ $0.state["m.room.power_levels"]?.content }),
                    var people = content["users"]?.objectValue, target.userID != users[0].userID
                else { return nil }
                people[target.userID.string] = .integer(level)
                content["users"] = .object(people)
                return try await rooms.setState(
                    "m.room.power_levels", stateKey: "", content: content, in: roomID, sender: actor.userID)
            case 12:
                let rule = ["public", "invite", "knock"][Int(level / 50)]
                return try await rooms.setState(
                    "m.room.join_rules", stateKey: "", content: ["join_rule": .string(rule)], in: roomID,
                    sender: users[0].userID)
            default:
                guard let event else { return nil }
                return try await rooms.redact(
                    event, in: roomID, reason: nil, transactionID: name, sender: actor.sender)
            }
            return nil
        }
    }
}
