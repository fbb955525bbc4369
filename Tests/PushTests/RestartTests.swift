import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Testing

/// What was acknowledged is pushed, whatever happens to the server.
@Suite struct RestartTests {
    /// The server ends without having looked at the message: all that is left is what was durable.
    @Test func whatNobodyHadLookedAtIsPushedByTheNextRun() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            try await server.addPusher(bob)
            try await server.settle()
            await server.push.stop()
            let eventID = try await server.say("hello", as: alice, in: roomID)
            #expect(gateway.calls.isEmpty)
            try await server.afterRestart { next throws in
                try await next.settle()
                #expect(gateway.calls.map(\.eventID) == [eventID.string])
                #expect(gateway.calls.map(\.unread) == [1])
            }
        }
    }

    @Test func whatWasOutstandingIsPushedByTheNextRun() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            try await server.addPusher(bob)
            let told = try await server.say("told", as: alice, in: roomID)
            try await server.settle()
            gateway.answer(503)
            let other = try await server.room(of: [alice, bob])
            let first = try await server.say("first", as: alice, in: other)
            let second = try await server.say("second", as: alice, in: roomID)
            try await server.settle()
            try await server.push.saveProgress()
            await server.push.stop()
            #expect(gateway.calls.first?.eventID == told.string)
            gateway.forgetCalls()
            gateway.answer(200)
            try await server.afterRestart { next throws in
                try await next.settle()
                #expect(gateway.calls.map(\.eventID) == [first.string, second.string], "in order, and each once")
                #expect(gateway.calls.map(\.unread) == [3, 3])
            }
        }
    }

    /// When it was written down that everything is delivered, nothing is told twice.
    @Test func whatWasDeliveredIsNotToldAgain() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            try await server.addPusher(bob)
            try await server.say("hello", as: alice, in: roomID)
            try await server.settle()
            // Written down by itself after two seconds.
            server.clock.advance(milliseconds: 2_000)
            for _ in 0..<2_000 {
                try await server.settle()
                let record = try await server.push.pushers(of: bob.userID).first
                if record?.progress == PusherProgress(behind: nil, badge: 1) { break }
                try await Task.sleep(for: .milliseconds(1))
            }
            await server.push.stop()
            try await server.afterRestart { next throws in
                try await next.settle()
                let last = try await next.say("again", as: alice, in: roomID)
                try await next.settle()
                #expect(gateway.calls.count == 2)
                #expect(gateway.calls.last?.eventID == last.string)
                // The count that the gateway was told is remembered, too.
                try await next.rooms.mark([.init(type: .read, eventID: last)], in: roomID, userID: bob.userID)
                next.clock.advance(milliseconds: 1_000)
                try await next.settle()
                next.clock.advance(milliseconds: 1_000)
                try await next.settle()
                #expect(gateway.calls.last?.unread == 0)
                #expect(gateway.calls.count == 3)
            }
        }
    }

    @Test func aCountThatWasOutstandingIsTold() async throws {
        try await withGateway { server, gateway, alice, bob, roomID in
            try await server.addPusher(bob)
            let eventID = try await server.say("hello", as: alice, in: roomID)
            try await server.settle()
            gateway.answer(nil)
            try await server.rooms.mark([.init(type: .read, eventID: eventID)], in: roomID, userID: bob.userID)
            try await server.settle()
            try await server.push.saveProgress()
            await server.push.stop()
            gateway.answer(200)
            gateway.forgetCalls()
            try await server.afterRestart { next throws in
                try await next.settle()
                next.clock.advance(milliseconds: 1_000)
                try await next.settle()
                #expect(gateway.calls.map(\.unread) == [0])
            }
        }
    }
}
