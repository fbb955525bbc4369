import CanonicalJSON
import EncryptionMachine
import Testing
import Verification

extension World {
    /// Everybody sees what was said in the room since.
    func deliverRoomEvents() throws {
        try deliverRoomEventsOnly()
        for host in hosts { try host.sendRequests() }
    }

    func deliverRoomEventsOnly() throws {
        while deliveredRoomEvents < server.trust.roomEvents.count {
            let event = server.trust.roomEvents[deliveredRoomEvents]
            deliveredRoomEvents += 1
            for host in hosts { _ = try host.act { $0.receiveVerificationEvent(event.json, in: event.room) } }
        }
    }

    /// Lets everything that was sent arrive.
    func settle() throws {
        server.trust.clock = clock.time
        for _ in 0..<12 {
            for host in hosts {
                try host.sendRequests()
                try host.sync()
            }
            try deliverRoomEvents()
        }
    }

    /// The one verification that is not over.
    func flow(_ host: Host) -> VerificationFlow? { host.machine.verifications.last { !$0.state.isOver } }

    /// Compares emoji from request to end.
    func compareEmoji(_ first: Host, _ second: Host, inRoom: Bool) throws {
        if inRoom {
            try first.act { try $0.requestVerification(of: second.user, in: room, body: "verify?") }
        } else {
            _ = try first.act { try $0.requestVerification(ofOwnDevices: [second.device]) }
        }
        try settle()
        let flowID = try #require(flow(second)?.flowID)
        _ = try second.act { $0.acceptVerification(flowID, with: first.user) }
        try settle()
        _ = try first.act { $0.compareEmoji(flowID, with: second.user) }
        try settle()
        let states = [flow(first)?.state, flow(second)?.state]
        guard case .comparing(let one, _)? = states[0], case .comparing(let other, _)? = states[1] else {
            Issue.record("not comparing: \(states)")
            return
        }
        #expect(one == other)
        _ = try first.act { $0.answerComparison(true, flowID, with: second.user) }
        try settle()
        _ = try second.act { $0.answerComparison(true, flowID, with: first.user) }
        try settle()
        #expect(first.machine.verification(flowID, with: second.user)?.state.isOver == true)
    }

    /// The user's identity, made by this device as an app does it.
    func makeIdentity(_ host: Host) throws {
        try host.act { try $0.makeIdentity() }
        try settle()
    }
}
